package main

// all are the figures that need no cluster, in the order of the results.
var all = []figure{
	{"sync", syncFigure},
	{"jar", jarFigure},
	{"start", startFigure},
	{"memory", memoryFigure},
	{"share", shareFigure},
	{"counts", countsFigure},
	{"growth", growthFigure},
	{"thousands", thousandsFigure},
}
