//! A process group to what it takes: memory, now and at the most since the peak was last forgotten, and processor time.

use std::time::Duration;

/// Where the memory and the processor time of some processes can be read, and their peaks forgotten.
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

    /// The processor time that the processes have taken so far, on all processors together. Unlike the time that passes, it
    /// depends little on what else the machine does.
    pub fn processor_time(&self) -> Option<Duration> {
        let times = self.processes.iter().map(|&process| time_of(process));
        times.sum::<Option<Duration>>()
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

#[cfg(target_os = "linux")]
fn time_of(process: u32) -> Option<Duration> {
    use nix::time::{clock_getcpuclockid, clock_gettime};
    let process = nix::unistd::Pid::from_raw(i32::try_from(process).ok()?);
    let time = clock_gettime(clock_getcpuclockid(process).ok()?).ok()?;
    Some(time.into())
}

#[cfg(not(target_os = "linux"))]
fn time_of(_: u32) -> Option<Duration> {
    None
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

    #[test]
    fn work_takes_processor_time_and_sleep_takes_none() {
        let mut sleep = std::process::Command::new("sleep")
            .arg("10")
            .spawn()
            .expect("sleep");
        let of = |process| Gauge {
            processes: vec![process],
        };
        let own = of(std::process::id());
        let before = own.processor_time().expect("a time");
        let started = std::time::Instant::now();
        while started.elapsed() < Duration::from_millis(100) {
            std::hint::spin_loop();
        }
        let after = own.processor_time().expect("a time");
        assert!(
            after > before + Duration::from_millis(1),
            "{before:?} to {after:?}"
        );
        let asleep = of(sleep.id()).processor_time().expect("a time");
        assert!(asleep < Duration::from_millis(50), "{asleep:?}");
        sleep.kill().expect("it runs");
        sleep.wait().expect("it ends");
    }
}
