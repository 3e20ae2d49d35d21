//! Channels as planes, and alpha. Apart from the library, which would be compiled once more for
//! tests of its own.

use gallery_resize::{Scaler, unweigh, weigh};

#[test]
fn channels_are_scaled_like_planes() {
    let (from, to) = ((31, 17), (12, 9));
    let sample =
        |at: u32, channel: u32| u8::try_from((at * 7 + channel * 60 + at * at / 50) % 256).unwrap_or(0);
    for channels in 2..=4 {
        let pixels: Vec<u8> =
            (0..31 * 17).flat_map(|at| (0..u32::from(channels)).map(move |c| sample(at, c))).collect();
        let mut scaled = vec![0; 12 * 9 * usize::from(channels)];
        let mut resizer = Scaler::default();
        resizer.scale((&pixels, from), (&mut scaled, to), channels).expect("sizes that fit");
        for channel in 0..channels {
            let plane: Vec<u8> = (0..31 * 17).map(|at| sample(at, channel.into())).collect();
            let (mut narrow, mut expected) = (vec![0; 12 * 17], vec![0; 12 * 9]);
            resizer.scale((&plane, from), (&mut narrow, (12, 17)), 1).expect("sizes that fit");
            resizer.scale((&narrow, (12, 17)), (&mut expected, to), 1).expect("sizes that fit");
            let found = scaled.iter().skip(channel.into()).step_by(channels.into());
            assert!(found.eq(&expected), "channel {channel} of {channels}");
        }
        let few = &pixels[..pixels.len() - usize::from(channels)];
        assert!(resizer.scale((few, from), (&mut scaled, to), channels).is_err());
        let small = 11 * 9 * usize::from(channels);
        assert!(resizer.scale((&pixels, from), (&mut scaled[..small], to), channels).is_err());
    }
}

/// Rows that share their pixels with other rows, and those that are alone, come out alike; so do
/// they in whatever company.
#[test]
fn rows_do_not_touch_each_other() {
    let sample = |x: u32, y: u32| u8::try_from((x * x / 3 + y * 37) % 256).unwrap_or(0);
    let mut scaler = Scaler::default();
    for channels in 1..=3u8 {
        let width = 40 * u32::from(channels);
        let scale_rows = |scaler: &mut Scaler, rows: std::ops::Range<u32>| {
            let height = rows.end - rows.start;
            let source: Vec<u8> = rows.flat_map(|y| (0..width).map(move |x| sample(x, y))).collect();
            let mut target = vec![0; 11 * height as usize * usize::from(channels)];
            let sizes = ((40, height), (11, height));
            scaler.scale((&source, sizes.0), (&mut target, sizes.1), channels).expect("sizes that fit");
            target
        };
        let all = scale_rows(&mut scaler, 0..9);
        for (y, row) in (0..).zip(all.chunks_exact(11 * usize::from(channels))) {
            let alone = scale_rows(&mut scaler, y..y + 1);
            assert!(
                row.iter().zip(&alone).all(|(a, b)| a.abs_diff(*b) <= 1),
                "row {y} of {channels} channels"
            );
        }
    }
}

#[test]
fn what_makes_no_sense_is_an_error() {
    let (source, mut target) = ([0; 64], [0; 64]);
    let mut scaler = Scaler::default();
    let sizes = [((0, 4), (2, 2)), ((4, 4), (0, 2)), ((4, 4), (2, 0)), ((4, 17), (2, 2)), ((4, 4), (5, 13))];
    for (from, to) in sizes {
        assert!(scaler.scale((&source, from), (&mut target, to), 1).is_err(), "{from:?} {to:?}");
    }
    for channels in [0, 5] {
        assert!(scaler.scale((&source, (2, 2)), (&mut target, (1, 1)), channels).is_err());
    }
}

#[test]
fn weighs_and_unweighs() {
    let mut pixels = [200, 100, 255, 200, 100, 128, 200, 100, 0];
    weigh(&mut pixels, 3);
    assert_eq!(pixels, [200, 100, 255, 100, 50, 128, 0, 0, 0]);
    unweigh(&mut pixels, 3);
    assert_eq!(pixels, [200, 100, 255, 199, 100, 128, 0, 0, 0]);
}
