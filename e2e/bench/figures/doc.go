// Package figures measures things side by side and writes the tables down.
//
// A machine that others use is noisy, and no figure of one moment means much on
// it. So all contenders take turns, round by round; what is told is the median of
// the rounds, and a ratio is the median of the rounds' ratios: noise that lasts
// longer than a round strikes both sides of it.
//
// It thinks nothing of what is measured: e2e/bench and e2e/cluster/bench do.
package figures
