# Keeps the share of a region in a file, and tells it.
if [ "$PLUMB_ASK" = set ]; then
    echo "$PLUMB_SHARE" > "$1.txt"
fi
echo "{\"share\": $(cat "$1.txt")}"
