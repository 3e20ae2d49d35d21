//! The retry loop, with calls that the tests answer and a clock that they turn.

mod calls;
