//! Every document of the crate, made from ordinary and from hostile names, against its schema and
//! its format's own rules.

#[cfg(test)]
mod documents;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod schema;
