# Keeps the share in a file, and tells it.
if [ "$PLUMB_ASK" = set ]; then
    echo "$PLUMB_SHARE" > share.txt
    echo "$PLUMB_SHARE $PLUMB_COHORTS" >> set.txt
fi
echo "{\"share\": $(cat share.txt)}"
