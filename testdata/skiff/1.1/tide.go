package main

import (
	"fmt"
	"math"
)

// The principal lunar and solar tides have periods of 12.42 and 12 hours.
const (
	lunar = 12.42
	solar = 12.0
)

// height is the water over the sill, in metres, at an hour of the day.
func height(hour float64) float64 {
	return 2.1 + 1.1*math.Cos(2*math.Pi*hour/lunar) + 0.4*math.Cos(2*math.Pi*hour/solar)
}

func report(say text) []string {
	lines := []string{say.get("title"), ""}
	highest := 0.0
	for hour := 0; hour < 24; hour++ {
		h := height(float64(hour))
		highest = math.Max(highest, h)
		word := say.get("stay")
		if h > 1.2 {
			word = say.get("leave")
		}
		lines = append(lines, fmt.Sprintf("%02d:00  %.2f m  %s", hour, h, word))
	}
	if highest > 3.5 {
		lines = append(lines, "", say.get("springs"))
	}
	return append(lines, "", say.get("farewell"))
}
