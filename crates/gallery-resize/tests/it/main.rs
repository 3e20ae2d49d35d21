//! Channels as planes, and alpha. Apart from the library, which would be compiled once more for tests of its own.

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

#[test]
fn weighs_and_unweighs() {
    let mut pixels = [200, 100, 255, 200, 100, 128, 200, 100, 0];
    weigh(&mut pixels, 3);
    assert_eq!(pixels, [200, 100, 255, 100, 50, 128, 0, 0, 0]);
    unweigh(&mut pixels, 3);
    assert_eq!(pixels, [200, 100, 255, 199, 100, 128, 0, 0, 0]);
}
