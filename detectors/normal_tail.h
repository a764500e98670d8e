// Normal scores and surprises: two ways to write a two-sided tail probability p.
//
// Model    p = 2 Q(|z|), Q the standard normal's upper tail; surprise y = -ln p.
// Input    any finite z; |z| beyond kMaxZ counts as kMaxZ.
// Output   y in [0, about 728]; never infinite. z of a surprise in [0, kMaxZ].
// Cost     a table look-up for |z| < 8 (error below 2e-4 nats), one logarithm beyond.
// Threads  pure functions.
// State    none.
// Source   Abramowitz and Stegun 7.1.23 (asymptotic expansion of the error function).
#pragma once

namespace quell::detectors {

inline constexpr double kMaxZ = 38;

// -ln(2 Q(|z|)): 0 at z = 0, 6.6 at 3.2, 20.0 at 5.9.
double Surprise(double z);

// The z >= 0 with Surprise(z) = y. REQUIRES: y >= 0.
double ZOfSurprise(double y);

}  // namespace quell::detectors
