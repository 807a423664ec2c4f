package sample

import "math"

// dice is a splitmix64 generator. Each person and each loan has its own, so that facts about
// patron 712,345 can be worked out again without keeping them.
type dice uint64

// The streams keep the dice of different subjects apart.
const (
	accountStream = iota + 1
	personStream
	patronStream
	itemStream
	loanStream
	holdStream
	serviceStream
	joiningStream
)

func (g *generator) dice(stream, id int) dice {
	return dice(mix(g.Seed ^ mix(uint64(stream)<<48^uint64(id))))
}

func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (d *dice) roll() uint64 {
	z := mix(uint64(*d))
	*d += 0x9e3779b97f4a7c15
	return z
}

// fraction is in [0, 1).
func (d *dice) fraction() float64 { return float64(d.roll()>>11) / (1 << 53) }

// below is in [0, n); n is at least 1.
func (d *dice) below(n int) int { return int(d.roll() % uint64(n)) }

// days is in [0, n), for a calendar; none when n is not positive.
func (d *dice) days(n int) day { return day(d.below(max(n, 1))) }

// chance comes true in percent of all cases.
func (d *dice) chance(percent float64) bool { return d.fraction()*100 < percent }

// zipf is in [0, n), the k-th in proportion to 1/(k+10): the shape in which surnames are spread, without one that
// a tenth of the people bear.
func (d *dice) zipf(n int) int {
	const flat = 10
	rank := flat * (math.Pow(float64(n+flat)/flat, d.fraction()) - 1)
	return min(int(rank), n-1)
}

func pick[T any](d *dice, from []T) T { return from[d.below(len(from))] }
