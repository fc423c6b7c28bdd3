//! A process group to the memory that it takes: how much now, and the most since the peak was last forgotten.

/// Where the memory of some processes can be read, and their peaks forgotten.
///
/// Only Linux tells, in /proc, and forgets a peak on request, so that the peak of one answer can be told from those before.
#[derive(Clone, Debug)]
pub struct Gauge {
    processes: Vec<u32>,
}

impl Gauge {
    /// The processes of a group as they are now; none where nothing tells.
    pub fn of_group(leader: u32) -> Option<Self> {
        let entries = std::fs::read_dir("/proc").ok()?;
        let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let processes: Vec<u32> = numbers
            .filter(|&process| group_of(process) == Some(leader))
            .collect();
        let gauge = Self { processes };
        // Whether peaks can be forgotten shows only when one is.
        gauge.forget_peak().map(|_| gauge)
    }

    /// Forgets the peak. Returns how much memory is taken now, in bytes.
    pub fn forget_peak(&self) -> Option<u64> {
        for process in &self.processes {
            // The kernel's number for the peak of the resident memory.
            std::fs::write(format!("/proc/{process}/clear_refs"), "5").ok()?;
        }
        self.sum("VmRSS:")
    }

    /// The peak since it was forgotten, in bytes.
    pub fn peak(&self) -> Option<u64> {
        self.sum("VmHWM:")
    }

    fn sum(&self, key: &str) -> Option<u64> {
        let kibibytes = |process: &u32| -> Option<u64> {
            let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
            let line = status.lines().find_map(|line| line.strip_prefix(key))?;
            line.trim().strip_suffix(" kB")?.trim().parse().ok()
        };
        let all = self.processes.iter().map(kibibytes);
        let sum = all.sum::<Option<u64>>()?;
        (!self.processes.is_empty()).then_some(sum << 10)
    }
}

/// The group of a process: the third field behind the name, which may hold anything but ends with the last bracket.
fn group_of(process: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, behind) = stat.rsplit_once(')')?;
    behind.split_whitespace().nth(2)?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_peak_is_seen_and_forgotten() {
        let own = std::process::id();
        let group = group_of(own).expect("a group");
        let gauge = Gauge::of_group(group).expect("Linux tells");
        let before = gauge.forget_peak().expect("a size");
        let block = std::hint::black_box(vec![1u8; 64 << 20]);
        drop(block);
        let peak = gauge.peak().expect("a size");
        assert!(peak >= before + (48 << 20), "{before} to {peak}");
        gauge.forget_peak().expect("a size");
        assert!(gauge.peak().expect("a size") < peak, "{peak}");
    }
}
