//! What becomes of a file when one change is made to its first claim.

use crate::dialect;
use crate::mend::{Done, mend};
use crate::reading::SourceFile;
use plumb_shape::change::{Action, Change, Reach};

/// The new text, or why there is none.
pub(crate) fn mended_first(
    (path, text): (&str, &str),
    (action, reach): (Action, Reach),
) -> Result<String, String> {
    let file = SourceFile { path, bytes: text.as_bytes() };
    let claims = dialect::read(&file, &|_| None).claims;
    let change = Change { claim: claims[0].source.clone(), action, reach };
    let mut mended = mend(&file, &[&change], &|_| None);
    match mended.done.remove(0) {
        Done::Refused(reason) => Err(reason),
        done => {
            assert_eq!(done, Done::Written);
            Ok(mended.files.remove(path).unwrap_or_default())
        }
    }
}
