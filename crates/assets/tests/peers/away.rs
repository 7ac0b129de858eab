//! An object store that is away, and comes back.

use crate::site::{BUCKET, PREFIX, SECRET, Site, lead, mend, store, svg};
use assets::Kind;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_cached_stays_and_the_rest_says_why() {
    let mut site = Site::bucket();
    let (one, two) = (site.leader("one").await, site.process("two"));
    let seen = store(&one, &svg(200, 0)).await.unwrap();
    let unseen = store(&one, &svg(200, 1)).await.unwrap();
    two.read(&seen.id).await.unwrap();
    assert_eq!((one.fault(), two.fault()), (None, None));

    site.moto().kill();
    for error in [
        store(&one, &svg(200, 2)).await.unwrap_err(),
        two.read(&unseen.id).await.unwrap_err(),
        lead(&site.process("three")).await.unwrap_err(),
        one.remove(&unseen.id).await.unwrap_err(),
        mend(&two).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), Kind::Away, "{error}");
        assert!(!error.to_string().contains(SECRET));
    }
    let fault = two.fault().unwrap();
    assert!(
        !fault.contains(SECRET) && fault.chars().count() <= 300,
        "{fault}"
    );
    assert!(two.read_at_hand(&unseen.id).unwrap().is_none());
    assert_eq!(*two.read(&seen.id).await.unwrap(), *svg(200, 0));
    assert_eq!(*two.read_at_hand(&seen.id).unwrap().unwrap(), *svg(200, 0));
    // A process that starts now has the copies of the one before it.
    drop(two);
    let two = site.process("two");
    assert!(two.has(&seen.id));
    assert_eq!(*two.read_at_hand(&seen.id).unwrap().unwrap(), *svg(200, 0));
    // It takes over all the same, and says what it cannot do yet.
    assert_eq!(lead(&two).await.unwrap_err().kind(), Kind::Away);
    assert_eq!(two.get(&unseen.id).unwrap_err().kind(), Kind::Away);
    assert_eq!(
        store(&two, &svg(200, 3)).await.unwrap_err().kind(),
        Kind::Away
    );

    // A server without the bucket is no better.
    site.moto().restart();
    let error = mend(&two).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Away, "{error}");
    site.moto().make_bucket(BUCKET);
    site.moto()
        .put(&format!("/{BUCKET}/{PREFIX}/{}", unseen.id), &svg(200, 1));
    mend(&two).await.unwrap();
    assert_eq!(two.fault(), None);
    let again = store(&two, &svg(200, 1)).await.unwrap();
    assert_eq!(again.id, unseen.id);
    assert_eq!(two.list(None, 9), [again]);
    assert_eq!(
        *site.process("four").read(&unseen.id).await.unwrap(),
        *svg(200, 1)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_does_not_answer_is_not_waited_for_long() {
    let mut site = Site::bucket();
    let (one, two) = (site.leader("one").await, site.process("two"));
    let id = store(&one, &svg(200, 0)).await.unwrap().id;
    site.moto().freeze();
    let started = tokio::time::Instant::now();
    let error = two.read(&id).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Away, "{error}");
    let waited = started.elapsed();
    assert!(waited.as_secs() <= 12, "{waited:?}");
    assert_eq!(*one.read(&id).await.unwrap(), *svg(200, 0));
    site.moto().thaw();
    assert_eq!(*two.read(&id).await.unwrap(), *svg(200, 0));
    assert_eq!(two.fault(), None);
}
