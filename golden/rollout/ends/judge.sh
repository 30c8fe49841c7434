# Says for each share what a case wants.
case "$PLUMB_ROLLOUT $PLUMB_SHARE_PPM" in
"frozen 500000") echo '{"verdict": "freeze", "sentence": "carts written by 2.0 cannot be read by 1.9"}' ;;
"worse 500000") echo '{"verdict": "roll-back", "sentence": "errors are up 3 times"}' ;;
"silent 500000") echo 'looking at it' ;;
*) echo '{"verdict": "promote", "sentence": "no worse than 1.9"}' ;;
esac
