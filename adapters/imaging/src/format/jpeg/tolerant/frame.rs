//! The components of a picture and where their blocks lie (ITU T.81, A.1 and A.2). Knows no codes;
//! tests of whole files are in `tests/it/damage.rs`.

use crate::picture::Size;
use crate::refusal::Refusal;

use super::tables::BLOCK;
use super::transform::SIDE;

const DAMAGED: Refusal = Refusal::Undecodable("photo-frame-header-damaged");

/// A component.
pub struct Component {
    /// What scans call it.
    pub id: u8,
    /// Blocks of it in an MCU: columns and rows.
    pub sampling: (u32, u32),
    /// The number of its table of factors.
    pub factors: usize,
    /// Its samples.
    pub size: Size,
    /// Blocks that its samples take: columns and rows.
    pub blocks: (u32, u32),
    /// Blocks in a row with those that only fill up the last MCU.
    pub stored_columns: u32,
}

/// A frame header (T.81, B.2.2).
pub struct Frame {
    /// Coefficients come in several scans, by bands and bits.
    pub progressive: bool,
    /// Pixels.
    pub size: Size,
    pub components: Vec<Component>,
    /// MCUs with all components: columns and rows.
    pub mcus: (u32, u32),
}

impl Frame {
    /// Reads a frame header.
    pub fn parse(progressive: bool, segment: &[u8]) -> Result<Self, Refusal> {
        let [precision, h1, h0, w1, w0, count, rest @ ..] = segment else { return Err(DAMAGED) };
        if *precision != 8 {
            return Err(Refusal::Undecodable("photo-jpeg-bits-unsupported"));
        }
        let (width, height) = (u16::from_be_bytes([*w1, *w0]), u16::from_be_bytes([*h1, *h0]));
        let size = Size::new(u32::from(width), u32::from(height)).ok_or(DAMAGED)?;
        let mut said: Vec<_> = rest.as_chunks::<3>().0.iter().take(usize::from(*count)).copied().collect();
        if let [only] = said.as_mut_slice() {
            // Alone, a component has one block in an MCU, whatever is said (T.81, A.2.2).
            only[1] = 0x11;
        }
        let factors = said.iter().map(|[_, factors, _]| (u32::from(factors >> 4), u32::from(factors & 15)));
        let sane = factors.clone().all(|(h, v)| (1..=4).contains(&h) && (1..=4).contains(&v));
        if !sane || !(1..=4).contains(&said.len()) || said.len() != usize::from(*count) {
            return Err(DAMAGED);
        }
        let most =
            (factors.clone().map(|of| of.0).max().unwrap_or(1), factors.map(|of| of.1).max().unwrap_or(1));
        let mcus = (size.width.get().div_ceil(8 * most.0), size.height.get().div_ceil(8 * most.1));
        let components = said.iter().map(|said| Component::of(*said, size, most, mcus.0));
        Ok(Self { progressive, size, components: components.collect::<Result<_, _>>()?, mcus })
    }

    /// The component that a scan calls so.
    pub fn named(&self, id: u8) -> Option<usize> {
        self.components.iter().position(|component| component.id == id)
    }
}

impl Component {
    fn of([id, factors, table]: [u8; 3], size: Size, most: (u32, u32), mcus: u32) -> Result<Self, Refusal> {
        let (h, v) = (u32::from(factors >> 4), u32::from(factors & 15));
        let (width, height) = size.sides();
        let size = Size::new((width * h).div_ceil(most.0), (height * v).div_ceil(most.1)).ok_or(DAMAGED)?;
        let blocks = (size.width.get().div_ceil(8), size.height.get().div_ceil(8));
        Ok(Self { id, sampling: (h, v), factors: usize::from(table), size, blocks, stored_columns: mcus * h })
    }
}

/// The coefficients of some rows of MCUs, by component: of all rows, or of one row after the other.
pub struct Coefficients {
    planes: Vec<Vec<i16>>,
    columns: Vec<usize>,
}

impl Coefficients {
    /// Zeros for so many rows of MCUs.
    pub fn new(frame: &Frame, mcu_rows: u32) -> Self {
        let columns = frame.components.iter().map(|component| component.stored_columns as usize);
        let planes = frame.components.iter().map(|component| {
            let blocks = component.stored_columns as usize * (component.sampling.1 * mcu_rows) as usize;
            vec![0; blocks * BLOCK]
        });
        Self { planes: planes.collect(), columns: columns.collect() }
    }

    /// The coefficients of a block, in rows.
    pub fn block(&mut self, component: usize, column: u32, row: u32) -> Option<&mut [i16]> {
        let start = (row as usize * self.columns[component] + column as usize) * BLOCK;
        self.planes[component].get_mut(start..start + BLOCK)
    }

    /// Makes all of them zero.
    pub fn clear(&mut self) {
        self.planes.iter_mut().for_each(|plane| plane.fill(0));
    }

    /// A row of blocks as rows of samples, each as long as the component is wide.
    pub fn samples(&self, component: &Component, index: usize, row: u32, factors: &[u16; BLOCK]) -> Vec<u8> {
        let width = component.size.width.get() as usize;
        let columns = self.columns[index];
        let start = row as usize * columns * BLOCK;
        let blocks = self.planes[index].get(start..start + columns * BLOCK).unwrap_or_default();
        let mut samples = vec![0; width * SIDE];
        for (column, block) in blocks.as_chunks::<BLOCK>().0.iter().enumerate() {
            let left = column * SIDE;
            let Some(visible) = width.checked_sub(left).filter(|visible| *visible > 0) else { break };
            let decoded = super::transform::samples(block, factors);
            for (line, decoded) in samples.chunks_exact_mut(width).zip(decoded.as_chunks::<SIDE>().0) {
                let visible = visible.min(SIDE);
                line[left..left + visible].copy_from_slice(&decoded[..visible]);
            }
        }
        samples
    }
}
