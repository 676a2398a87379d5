package main

import (
	"fmt"
	"math"
)

// The principal lunar tide has a period of 12.42 hours.
const period = 12.42

// height is the water over the sill, in metres, at an hour of the day.
func height(hour float64) float64 {
	return 2.1 + 1.4*math.Cos(2*math.Pi*hour/period)
}

func report(say text) []string {
	lines := []string{say.get("title"), ""}
	for hour := 0; hour < 24; hour++ {
		word := say.get("stay")
		if height(float64(hour)) > 1.2 {
			word = say.get("leave")
		}
		lines = append(lines, fmt.Sprintf("%02d:00  %.2f m  %s", hour, height(float64(hour)), word))
	}
	return append(lines, "", say.get("farewell"))
}
