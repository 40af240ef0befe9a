package eval

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

// areDFA is an automaton whose states are made when they are first reached. A state is a set of instructions about to be tried at
// a place, and what the character before the place is; whether the place is right for an assertion, and so whether a match ends
// there, is known once the character behind it is seen.
type areDFA struct {
	re     *areRegex
	insts  []nfaInst
	start  int32
	search bool   // a match may begin anywhere from the start on
	bound  bool   // though only at the beginning of the string
	looks  uint64 // the look-arounds in use

	states []dfaState
	index  map[string]int32
	// trans holds, by state and color, the next state times 2, plus 1 if a match ends before the character; -1 is not known yet.
	trans  []int32
	masked map[dfaKey]int32 // the same where look-arounds hold
	// ascii holds, by state and character, the next state where no match ends, both times 128; -1 is not known yet.
	ascii []int32
	first int32 // the state at the beginning of a text; -1 is not known yet

	size    int      // the instructions in all states
	epoch   int      // how often the states were forgotten
	mark    []uint32 // by instruction: the closure that last reached it
	gen     uint32
	stack   []int32
	reached []int32
	key     []byte
}

type dfaState struct {
	insts []int32
	kind  uint8
	fresh bool // of a search: nothing of a match yet
}

type dfaKey struct {
	state int32
	color uint16
	mask  uint64
}

// dfaMaxStates is how many states are kept; then the automaton forgets them all.
const dfaMaxStates = 4000

const dfaDead int32 = 0

func newDFA(re *areRegex, l *areLang, search bool) (*areDFA, error) {
	b, start, err := buildNFA(l)
	if err != nil {
		return nil, err
	}
	if re.insts += len(b.insts); re.insts > areMaxTotal {
		return nil, errAreTooBig
	}
	d := &areDFA{re: re, insts: b.insts, start: start, search: search, looks: b.looks, mark: make([]uint32, len(b.insts))}
	d.bound = d.atBeginAlone()
	d.forget()
	return d, nil
}

// atBeginAlone tells whether every match begins at the beginning of the string.
func (d *areDFA) atBeginAlone() bool {
	seen := map[int32]bool{}
	stack := []int32{d.start}
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[i] {
			continue
		}
		seen[i] = true
		switch in := d.insts[i]; {
		case in.op == nfaSplit:
			stack = append(stack, in.x, in.y)
		case in.op != nfaAssert || areAssert(in.arg) != atBegin:
			return false
		}
	}
	return true
}

func (d *areDFA) forget() {
	d.states = append(d.states[:0], dfaState{})
	d.index = map[string]int32{}
	d.trans = d.trans[:0]
	for range d.stride() {
		d.trans = append(d.trans, dfaDead)
	}
	d.masked = map[dfaKey]int32{}
	d.ascii = d.ascii[:0]
	d.first = -1
	d.size = 0
	d.epoch++
}

// stride is the number of colors and one for the end of the string.
func (d *areDFA) stride() int { return d.re.colors.n + 1 }

// state finds or makes a state.
func (d *areDFA) state(insts []int32, kind uint8, fresh bool) int32 {
	if len(insts) == 0 {
		return dfaDead
	}
	if !d.re.context {
		kind = kindOther
	}
	d.key = append(d.key[:0], kind)
	if fresh {
		d.key[0] |= 0x80
	}
	for _, i := range insts {
		d.key = binary.LittleEndian.AppendUint32(d.key, uint32(i))
	}
	if s, ok := d.index[string(d.key)]; ok {
		return s
	}
	if len(d.states) >= dfaMaxStates || len(d.trans) > 1<<21 || d.size > 1<<21 {
		insts = slices.Clone(insts)
		d.forget()
	}
	s := int32(len(d.states))
	d.states = append(d.states, dfaState{insts: slices.Clone(insts), kind: kind, fresh: fresh})
	d.index[string(d.key)] = s
	d.size += len(insts)
	for range d.stride() {
		d.trans = append(d.trans, -1)
	}
	return s
}

// begin is the state at a place of the text.
func (d *areDFA) begin(text string, at int) int32 {
	if at == 0 {
		if d.first < 0 {
			s := d.state([]int32{d.start}, kindEdge, d.search) // which may forget
			d.first = s
		}
		return d.first
	}
	kind := kindEdge
	if at > 0 {
		if d.re.context {
			r, _ := utf8.DecodeLastRuneInString(text[:at])
			kind = d.re.colors.kinds[d.re.colors.of(r)]
		}
	}
	return d.state([]int32{d.start}, kind, d.search)
}

// asciiBits is how many bits an ASCII character has.
const asciiBits = 7

// remember notes that a character leads from a state (times 128) to the next, and returns the table.
func (d *areDFA) remember(base int32, c byte, next int32) []int32 {
	for want := len(d.states) << asciiBits; len(d.ascii) < want; {
		d.ascii = append(d.ascii, -1)
	}
	d.ascii[int(base)+int(c)] = next << asciiBits
	return d.ascii
}

// holds tells whether a place between characters of two kinds is right for an assertion.
func (a areAssert) holds(before, after uint8) bool {
	switch a {
	case atBegin:
		return before == kindEdge
	case atEnd:
		return after == kindEdge
	case atLineBegin:
		return before == kindEdge || before == kindNewline
	case atLineEnd:
		return after == kindEdge || after == kindNewline
	case atWordBegin:
		return before != kindWord && after == kindWord
	case atWordEnd:
		return before == kindWord && after != kindWord
	case atWordEdge:
		return (before == kindWord) != (after == kindWord)
	}
	return (before == kindWord) == (after == kindWord)
}

// step makes a transition: from a state over a color, where the look-arounds of mask hold.
func (d *areDFA) step(s int32, color int, mask uint64) int32 {
	match := int32(0)
	st := d.states[s]
	after := kindEdge
	atEnd := color == d.re.colors.n
	if !atEnd {
		after = d.re.colors.kinds[color]
	}
	d.gen++
	if d.gen == 0 {
		clear(d.mark)
		d.gen = 1
	}
	d.reached = d.reached[:0]
	d.stack = append(d.stack[:0], st.insts...)
	for len(d.stack) > 0 {
		i := d.stack[len(d.stack)-1]
		d.stack = d.stack[:len(d.stack)-1]
		if d.mark[i] == d.gen {
			continue
		}
		d.mark[i] = d.gen
		switch in := &d.insts[i]; in.op {
		case nfaMatch:
			match = 1
		case nfaSplit:
			d.stack = append(d.stack, in.x, in.y)
		case nfaAssert:
			if areAssert(in.arg).holds(st.kind, after) {
				d.stack = append(d.stack, in.x)
			}
		case nfaLook:
			if mask>>uint(in.arg)&1 != 0 {
				d.stack = append(d.stack, in.x)
			}
		case nfaChar:
			if !atEnd && d.re.members[in.arg][color/64]>>(uint(color)%64)&1 != 0 {
				d.reached = append(d.reached, in.x)
			}
		}
	}
	if atEnd {
		return dfaDead<<1 | match
	}
	fresh := d.search && len(d.reached) == 0
	if d.search && !d.bound {
		d.reached = append(d.reached, d.start)
	}
	slices.Sort(d.reached)
	d.reached = slices.Compact(d.reached)
	return d.state(d.reached, after, fresh)<<1 | match
}

// stepWork is how much more work than reading a character an instruction is from which a state is made.
const stepWork = 8

// move is step with memory: the next state times 2, plus 1 if a match ends at the place. Where the query shall end, nothing goes on.
func (d *areDFA) move(s int32, color uint16, m *areMatcher, at int) int32 {
	if d.looks == 0 {
		if t := d.trans[int(s)*d.stride()+int(color)]; t >= 0 {
			return t
		}
		epoch := d.epoch
		t := d.step(s, int(color), 0)
		if !m.spend(len(d.reached) * stepWork) {
			return dfaDead << 1
		}
		if d.epoch == epoch {
			d.trans[int(s)*d.stride()+int(color)] = t
		}
		return t
	}
	key := dfaKey{s, color, m.lookMask(d.looks, at)}
	if t, ok := d.masked[key]; ok {
		return t
	}
	if len(d.masked) > 1<<16 {
		clear(d.masked)
	}
	epoch := d.epoch
	t := d.step(s, int(color), key.mask)
	if !m.spend(len(d.reached) * stepWork) {
		return dfaDead << 1
	}
	if d.epoch == epoch {
		d.masked[key] = t
	}
	return t
}
