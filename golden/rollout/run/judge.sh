# Says what a person put into a file, or that all is well.
cat "verdict-$PLUMB_SHARE_PPM.json" 2>/dev/null ||
    echo '{"verdict": "promote", "sentence": "no worse than 1.9"}'
