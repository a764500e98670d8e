// How surprising a count or a level is, as a signed normal score.
//
// Model    k events where m were expected (Poisson), or k of n (binomial), while the expectation
//          itself wanders: its link (log m, resp. the logit of m / n) is normal with variance v.
//          z is the signed root of the penalised deviance,
//            z^2 = min over x of 2 D(k, m(x)) + x^2 / v.
//          With v = 0 this is the deviance residual, whose normal tail is close to the mid-p tail
//          of the count; with many events it is x / sqrt(v), the log-normal tail. Below the
//          expectation k counts as k + 1/3, which brings small counts to the mid-p tail as well.
// Input    k, m, n, v >= 0, not necessarily integers (decayed sums are not).
// Output   z in [-38, 38]; 0 where nothing was expected and nothing seen.
// Cost     a square root if |z| < 1, else about four exponentials.
// Threads  pure functions.
// State    none.
// Source   McCullagh and Nelder (1989), 2.4 (deviance residuals); Breslow and Clayton (1993),
//          penalised quasi-likelihood; Wallace (1959) for Student's t.
#pragma once

namespace quell::detectors {

// k events, m > 0 expected.
double PoissonZ(double k, double m, double v);

// k of n events, m of n expected. REQUIRES: 0 < m < n, k <= n.
double BinomialZ(double k, double m, double n, double v);

// The normal score of Student's t with `degrees` > 1 degrees of freedom.
double StudentZ(double t, double degrees);

}  // namespace quell::detectors
