//! The two tables in which HAProxy tells of its servers, read by the names of their columns:
//! versions add columns, and their places differ.
//!
//! Refuses to know what is done with them.

/// Servers of one backend that are read; HAProxy itself slows down before that.
const ROWS_MAX: usize = 10_000;

/// A server as `show servers state` tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its name.
    pub name: String,
    /// Its weight, 0 to 256.
    pub weight: u32,
    /// The weight that its configuration gives it.
    pub initial: u32,
    /// Whether it takes requests as far as HAProxy knows.
    pub is_running: bool,
}

/// The state of operation in which a server runs.
const RUNNING: &str = "2";

/// Reads the answer to `show servers state`: a version, the names of columns behind `#`, rows.
///
/// # Errors
/// What is missing or no number.
pub fn servers(answer: &str) -> Result<Vec<Server>, String> {
    let mut lines = answer.lines().filter(|line| !line.trim().is_empty());
    let head = lines.find_map(|line| line.strip_prefix('#')).ok_or("there are no columns")?;
    let columns: Vec<&str> = head.split_whitespace().collect();
    let [name, weight, initial, op, admin] =
        ["srv_name", "srv_uweight", "srv_iweight", "srv_op_state", "srv_admin_state"]
            .map(|column| place(&columns, column));
    let (name, weight, initial, op, admin) = (name?, weight?, initial?, op?, admin?);
    let row = |line: &str| -> Result<Server, String> {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let cell = |at: usize| cells.get(at).copied().ok_or("a row is too short");
        let number = |at: usize| -> Result<u32, String> {
            let text = cell(at)?;
            text.parse().map_err(|_| "a weight is no number".to_owned())
        };
        Ok(Server {
            name: cell(name)?.to_owned(),
            weight: number(weight)?,
            initial: number(initial)?,
            is_running: cell(op)? == RUNNING && number(admin)? == 0,
        })
    };
    lines.take(ROWS_MAX).map(row).collect()
}

/// Reads the answer to `show stat`: the requests that each server got, by its name.
///
/// # Errors
/// As [`servers`].
pub fn totals(answer: &str) -> Result<Vec<(String, u64)>, String> {
    let mut lines = answer.lines().filter(|line| !line.trim().is_empty());
    let head = lines.find_map(|line| line.strip_prefix("# ")).ok_or("there are no columns")?;
    let columns: Vec<&str> = head.split(',').collect();
    let (name, total) = (place(&columns, "svname")?, place(&columns, "stot")?);
    let row = |line: &str| -> Result<(String, u64), String> {
        let cells: Vec<&str> = line.split(',').collect();
        let cell = |at: usize| cells.get(at).copied().ok_or("a row is too short");
        let total = cell(total)?.parse().map_err(|_| "a count is no number".to_owned())?;
        Ok((cell(name)?.to_owned(), total))
    };
    lines.take(ROWS_MAX).map(row).collect()
}

fn place(columns: &[&str], name: &str) -> Result<usize, String> {
    let at = columns.iter().position(|column| *column == name);
    at.ok_or_else(|| format!("there is no column `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: &str = "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state \
        srv_admin_state srv_uweight srv_iweight srv_time_since_last_change\n\
        3 shop 1 old 127.0.0.1 2 0 95 100 2\n3 shop 2 new 127.0.0.1 0 0 5 100 2\n\n";

    #[test]
    fn columns_are_found_by_name() {
        let found = servers(STATE).unwrap();
        let shown: Vec<_> = found.iter().map(|it| (it.weight, it.initial, it.is_running)).collect();
        assert_eq!(shown, [(95, 100, true), (5, 100, false)]);
        assert_eq!(found[1].name, "new");
        let stat = "# pxname,svname,scur,stot,\nshop,old,0,950,\nshop,new,1,50,\n";
        let told = totals(stat).unwrap();
        assert_eq!(told, [("old".to_owned(), 950), ("new".to_owned(), 50)]);
    }

    #[test]
    fn what_is_broken_is_told() {
        for text in ["", "Permission denied\n", "1\n# be_id\n3\n", "# srv_name srv_uweight\na\n"] {
            assert!(servers(text).is_err(), "{text}");
            assert!(totals(text).is_err(), "{text}");
        }
        assert!(servers(&STATE.replace(" 95 ", " many ")).is_err());
        assert!(totals("# svname,stot\nold\n").is_err());
    }
}
