//! Rings of what leads to each other.

/// The rings of a list in which each leads to at most one other; the members of each in order. Every one is walked over once.
pub(crate) fn rings(next: &[Option<usize>]) -> Vec<Vec<usize>> {
    let mut walk_of = vec![usize::MAX; next.len()];
    let mut rings = Vec::new();
    for walk in 0..next.len() {
        let mut at = walk;
        let met = loop {
            if walk_of[at] != usize::MAX {
                break Some(at);
            }
            walk_of[at] = walk;
            match next[at] {
                Some(to) => at = to,
                None => break None,
            }
        };
        // What an earlier walk came to was looked at then.
        let Some(first) = met.filter(|met| walk_of[*met] == walk) else {
            continue;
        };
        let mut ring = vec![first];
        let mut at = next[first];
        while let Some(member) = at.filter(|member| *member != first) {
            ring.push(member);
            at = next[member];
        }
        ring.sort_unstable();
        rings.push(ring);
    }
    rings
}
