//! How far the groups of a topic of Kafka are behind. It only asks: it joins no group, and commits
//! nothing.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use futures_util::future::{join_all, try_join_all};
use plumb_traffic::backlog::Backlog;
use rskafka::client::partition::{OffsetAt, PartitionClient};
use tokio::time::MissedTickBehavior;

use crate::hand::{Ending, Hand};
use crate::kafka_ask::{Address, AskError, Asking};
use crate::note::NO_BACKLOG;

/// Groups that are told of; a cluster with more is shared by many teams, who name their own.
const GROUPS_MAX: usize = 1_000;

/// Partitions that are asked for the oldest message that a group has not read. Of a group that is
/// behind in more, the age is not told.
const AGES_MAX: usize = 64;

/// Bytes of an answer that holds one message; Kafka sends a larger one whole nevertheless.
const ONE_MESSAGE: std::ops::Range<i32> = 1..16 * 1_024;

/// What is tapped, as a person names it.
#[derive(Clone, Copy)]
pub(crate) struct Tapped<'a> {
    pub(crate) topic: &'a str,
    /// The groups that are asked for; all that read the topic if none is named.
    pub(crate) groups: &'a [String],
}

/// Where each partition is read up to, by its number.
type Offsets = BTreeMap<i32, i64>;

type Partitions = [Arc<PartitionClient>];

/// Tells of backlogs again and again, until the session ends.
pub(crate) async fn tell_backlogs(tapped: Tapped<'_>, hand: &Hand, partitions: &Partitions) {
    let mut every = tokio::time::interval(hand.options.backlog_every);
    // Many groups take longer to ask for than that.
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut cluster = Cluster::default();
    loop {
        every.tick().await;
        match hand.step(cluster.committed(tapped, hand, partitions)).await {
            Ok(Some(groups)) => tell_all(tapped, hand, partitions, groups).await,
            // The reading decides when the session ends.
            Ok(None) => return std::future::pending().await,
            Err(Ending::Refused(why) | Ending::Broke(why)) => {
                cluster = Cluster::default();
                hand.note(NO_BACKLOG, Some(why));
            }
        }
    }
}

async fn tell_all(
    tapped: Tapped<'_>,
    hand: &Hand,
    partitions: &Partitions,
    groups: Vec<(String, Offsets)>,
) {
    let latest = partitions.iter().map(|partition| partition.get_offset(OffsetAt::Latest));
    let latest = match hand.step(try_join_all(latest)).await {
        Ok(Some(latest)) => latest,
        Ok(None) => return,
        Err(Ending::Refused(why) | Ending::Broke(why)) => return hand.note(NO_BACKLOG, Some(why)),
    };
    for (group, committed) in groups {
        let behind: Vec<(&PartitionClient, i64, u64)> = partitions
            .iter()
            .zip(&latest)
            .filter_map(|(partition, latest)| {
                let next = *committed.get(&partition.partition())?;
                let lag = u64::try_from(latest.saturating_sub(next)).ok()?;
                (lag > 0).then_some((partition.as_ref(), next, lag))
            })
            .collect();
        let oldest_ms = oldest(hand, &behind).await;
        hand.tell_backlog(Backlog {
            destination: tapped.topic.to_owned(),
            consumer: group,
            lag: Some(behind.iter().fold(0, |all, (_, _, lag)| lag.saturating_add(all))),
            oldest_age_ms: oldest_ms.map(|published| hand.age_ms(published)),
            at_ms: hand.now_ms(),
            ..Backlog::default()
        });
    }
}

/// When the oldest message was published that a group has not read, in milliseconds since
/// 1970-01-01T00:00Z; none if nothing is left, or if one cannot be had any more.
async fn oldest(hand: &Hand, behind: &[(&PartitionClient, i64, u64)]) -> Option<i64> {
    if behind.len() > AGES_MAX {
        return None;
    }
    let first = behind.iter().map(async |(partition, next, _)| {
        let (records, _) = partition.fetch_records(*next, ONE_MESSAGE, 0).await.ok()?;
        // A batch may begin before the message that was asked for.
        let record = records.into_iter().find(|record| record.offset >= *next)?;
        Some(record.record.timestamp.timestamp_millis())
    });
    let first = hand.step(async { Ok::<_, std::convert::Infallible>(join_all(first).await) });
    let published: Option<Vec<i64>> = first.await.ok()??.into_iter().collect();
    published?.into_iter().min()
}

/// Connections with the brokers of a cluster, kept from one measure to the next.
#[derive(Default)]
struct Cluster(BTreeMap<Address, Asking>);

impl Cluster {
    /// What each group has read of a topic; groups that read none of it are left out.
    async fn committed(
        &mut self,
        tapped: Tapped<'_>,
        hand: &Hand,
        partitions: &Partitions,
    ) -> Result<Vec<(String, Offsets)>, AskError> {
        let numbers: Vec<i32> = partitions.iter().map(|partition| partition.partition()).collect();
        let mut found = Vec::new();
        for (group, coordinator) in self.groups(tapped, hand).await? {
            let coordinator = self.broker(hand, &coordinator).await?;
            let read = coordinator.committed(&group, tapped.topic, &numbers).await?;
            if !read.is_empty() {
                found.push((group, read.into_iter().collect()));
            }
        }
        Ok(found)
    }

    /// The groups to ask for, each with the broker that knows what it has read.
    async fn groups(
        &mut self,
        tapped: Tapped<'_>,
        hand: &Hand,
    ) -> Result<Vec<(String, Address)>, AskError> {
        let first = self.first(hand).await?;
        let mut found = Vec::new();
        for group in tapped.groups {
            let coordinator = self.broker(hand, &first).await?.coordinator(group).await?;
            found.push((group.clone(), coordinator));
        }
        if !tapped.groups.is_empty() {
            return Ok(found);
        }
        for broker in self.broker(hand, &first).await?.brokers().await? {
            let groups = self.broker(hand, &broker).await?.groups().await?;
            let room = GROUPS_MAX.saturating_sub(found.len());
            found.extend(groups.into_iter().take(room).map(|group| (group, broker.clone())));
        }
        Ok(found)
    }

    /// The first of the brokers named that can be reached.
    async fn first(&mut self, hand: &Hand) -> Result<Address, AskError> {
        let mut failed = None;
        for named in &hand.endpoint.hosts {
            match self.broker(hand, named).await {
                Ok(_) => return Ok(named.clone()),
                Err(err) => failed = Some(err),
            }
        }
        Err(failed.unwrap_or(AskError::Answer("nothing, since no host is named")))
    }

    async fn broker(&mut self, hand: &Hand, address: &Address) -> Result<&mut Asking, AskError> {
        Ok(match self.0.entry(address.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(Asking::connect(hand, address).await?),
        })
    }
}
