//! Queues of jobs: classes of work, causes, and the queue that follows from both. Knows no job.

use crate::values::{Shard, UserId};

macro_rules! job_classes {
    ($( $(#[doc = $doc:literal])+ $class:ident: $number:literal $name:literal, )+) => {
        /// What sort of work a job is. Workers visit the classes in turn.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum JobClass {
            $( $(#[doc = $doc])+ $class, )+
        }

        impl JobClass {
            /// All of them.
            pub const ALL: &[Self] = &[$( Self::$class, )+];

            /// The class's stable name in `snake_case`: for stores and operators.
            pub fn name(self) -> &'static str {
                match self {
                    $( Self::$class => $name, )+
                }
            }

            /// The class's stable number: for stores that keep it in fewer bytes.
            pub fn number(self) -> u8 {
                match self {
                    $( Self::$class => $number, )+
                }
            }
        }
    };
}

job_classes! {
    /// What people have deleted is removed.
    Deletion: 0 "deletion",
    /// A mail is sent.
    Mail: 1 "mail",
    /// A photo's renditions are made or removed.
    Photo: 2 "photo",
    /// The gallery looks after itself.
    Upkeep: 3 "upkeep",
}

impl JobClass {
    /// The class of this name; `None` when there is none.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|class| class.name() == name)
    }

    /// The class of this number; `None` when there is none.
    pub fn numbered(number: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|class| class.number() == number)
    }
}

/// Who or what has caused a job. Jobs of different causes do not wait for each other, unless their
/// causes share a [`Shard`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobCause {
    /// An account, or a registration that may become one.
    Account(UserId),
    /// Somebody who is not logged in: a keyed hash of the network that the request came from.
    Network(String),
    /// The gallery itself.
    Gallery,
}

impl JobCause {
    /// The shard of the jobs of this cause: that of the id's 16 bytes, or of the hash; 0 for those
    /// of the gallery itself.
    pub fn shard(&self) -> Shard {
        match self {
            Self::Account(id) => Shard::of(id.uuid().as_bytes()),
            Self::Network(hash) => Shard::of(hash.as_bytes()),
            Self::Gallery => Shard::default(),
        }
    }
}

/// A queue of jobs: one class of one shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobQueue {
    /// What sort of work it holds.
    pub class: JobClass,
    /// Of which causes.
    pub shard: Shard,
}

impl JobQueue {
    /// All of them, class by class.
    pub fn all() -> impl Iterator<Item = Self> {
        let of_class = |class: &JobClass| {
            let class = *class;
            Shard::all().map(move |shard| Self { class, shard })
        };
        JobClass::ALL.iter().flat_map(of_class)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn classes_are_known_by_their_names_and_numbers() {
        let names: BTreeSet<&str> = JobClass::ALL.iter().map(|class| class.name()).collect();
        assert_eq!(names.len(), JobClass::ALL.len());
        for class in JobClass::ALL {
            assert_eq!(JobClass::named(class.name()), Some(*class));
            assert_eq!(JobClass::numbered(class.number()), Some(*class));
        }
        assert_eq!(JobClass::numbered(200), None);
        assert_eq!(JobClass::named("Mail"), None);
        assert_eq!(JobQueue::all().collect::<BTreeSet<_>>().len(), 64);
    }
}
