package exec

import (
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// windowFunc fills out for every row of a partition.
type windowFunc func(p *partition, c *windowCall, out []sqltype.Value) error

// windowFunctions maps the window kernels of catalog/builtin's list to their code (PostgreSQL documentation, section 9.22).
func windowFunctions() map[string]windowFunc { return windowTable }

var windowTable = map[string]windowFunc{
	"window_row_number":                   winRowNumber,
	"window_rank":                         winRank,
	"window_dense_rank":                   winDenseRank,
	"window_percent_rank":                 winPercentRank,
	"window_cume_dist":                    winCumeDist,
	"window_ntile":                        winNtile,
	"window_lag":                          winShift(-1),
	"window_lag_with_offset":              winShift(-1),
	"window_lag_with_offset_and_default":  winShift(-1),
	"window_lead":                         winShift(1),
	"window_lead_with_offset":             winShift(1),
	"window_lead_with_offset_and_default": winShift(1),
	"window_first_value":                  winFirst,
	"window_last_value":                   winLast,
	"window_nth_value":                    winNth,
}

func winRowNumber(_ *partition, _ *windowCall, out []sqltype.Value) error {
	for i := range out {
		out[i] = sqltype.Int(int64(i + 1))
	}
	return nil
}

func winRank(p *partition, _ *windowCall, out []sqltype.Value) error {
	for i := range out {
		out[i] = sqltype.Int(int64(p.first[p.group[i]] + 1))
	}
	return nil
}

func winDenseRank(p *partition, _ *windowCall, out []sqltype.Value) error {
	for i := range out {
		out[i] = sqltype.Int(int64(p.group[i] + 1))
	}
	return nil
}

func winPercentRank(p *partition, _ *windowCall, out []sqltype.Value) error {
	for i := range out {
		r := 0.0
		if len(out) > 1 {
			r = float64(p.first[p.group[i]]) / float64(len(out)-1)
		}
		out[i] = sqltype.Float(r)
	}
	return nil
}

func winCumeDist(p *partition, _ *windowCall, out []sqltype.Value) error {
	for i := range out {
		out[i] = sqltype.Float(float64(p.first[p.group[i]+1]) / float64(len(out)))
	}
	return nil
}

func winNtile(p *partition, c *windowCall, out []sqltype.Value) error {
	v := p.value(c.args[0], 0)
	if v.Null {
		for i := range out {
			out[i] = sqltype.NullValue()
		}
		return nil
	}
	if v.I <= 0 {
		return pgerr.New(pgerr.InvalidArgumentForNtile, "argument of ntile must be greater than zero")
	}
	rows, buckets := int64(len(out)), v.I
	size, larger := rows/buckets, rows%buckets
	bucket, used := int64(1), int64(0)
	for i := range out {
		limit := size
		if bucket <= larger {
			limit++
		}
		if used == limit {
			bucket, used = bucket+1, 0
		}
		out[i] = sqltype.Int(bucket)
		used++
	}
	return nil
}

// winShift is lag (-1) and lead (1): value, offset and default are its arguments; the frame does not matter.
func winShift(sign int64) windowFunc {
	return func(p *partition, c *windowCall, out []sqltype.Value) error {
		for i := range out {
			offset := int64(1)
			if len(c.args) > 1 {
				v := p.value(c.args[1], i)
				if v.Null {
					out[i] = sqltype.NullValue()
					continue
				}
				offset = v.I
			}
			at := int64(i) + sign*offset
			switch {
			case at >= 0 && at < int64(len(out)):
				out[i] = p.value(c.args[0], int(at))
			case len(c.args) > 2:
				out[i] = p.value(c.args[2], i)
			default:
				out[i] = sqltype.NullValue()
			}
		}
		return nil
	}
}

// inFrame is the n-th row of the frame from the front, or from the back if n is negative; -1 where there is none.
func (p *partition) inFrame(row int, n int64) int {
	from, to := p.frame(row)
	step, at := 1, from
	if n < 0 {
		step, at, n = -1, to-1, -n
	}
	for ; at >= from && at < to; at += step {
		if p.excluded(row, at) {
			continue
		}
		if n--; n == 0 {
			return at
		}
	}
	return -1
}

func (p *partition) frameValue(c *windowCall, row int, n int64) sqltype.Value {
	at := p.inFrame(row, n)
	if at < 0 {
		return sqltype.NullValue()
	}
	return p.value(c.args[0], at)
}

func winFirst(p *partition, c *windowCall, out []sqltype.Value) error {
	for i := range out {
		out[i] = p.frameValue(c, i, 1)
	}
	return nil
}

func winLast(p *partition, c *windowCall, out []sqltype.Value) error {
	for i := range out {
		out[i] = p.frameValue(c, i, -1)
	}
	return nil
}

func winNth(p *partition, c *windowCall, out []sqltype.Value) error {
	for i := range out {
		n := p.value(c.args[1], i)
		if n.Null {
			out[i] = sqltype.NullValue()
			continue
		}
		if n.I <= 0 {
			return pgerr.New(pgerr.InvalidArgumentForNthValue, "argument of nth_value must be greater than zero")
		}
		out[i] = p.frameValue(c, i, n.I)
	}
	return nil
}
