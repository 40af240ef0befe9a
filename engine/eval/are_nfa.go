package eval

import "errors"

// nfaOp is a kind of instruction of an automaton.
type nfaOp uint8

const (
	nfaChar   nfaOp = iota // takes a character of a set, then goes on at x
	nfaSplit               // goes on at x and at y
	nfaAssert              // goes on at x if the place is right
	nfaLook                // goes on at x if a look-around holds
	nfaMatch
)

type nfaInst struct {
	op   nfaOp
	arg  int32 // set, assertion or look-around
	x, y int32
}

// areMaxInsts bounds an automaton; PostgreSQL bounds the memory of its own.
const areMaxInsts = 48_000

// areMaxTotal bounds all the automata of an expression together.
const areMaxTotal = 3_000_000

var errAreTooBig = errors.New(areTooBig)

// nfaBuilder makes automata of languages.
type nfaBuilder struct {
	insts []nfaInst
	looks uint64 // the look-arounds in use
}

// buildNFA returns the automaton of a language and where it begins. It is built from its end to its beginning.
func buildNFA(l *areLang) (b *nfaBuilder, start int32, err error) {
	b = &nfaBuilder{insts: []nfaInst{{op: nfaMatch}}}
	start, err = b.add(l, 0)
	return b, start, err
}

func (b *nfaBuilder) emit(i nfaInst) (int32, error) {
	if len(b.insts) >= areMaxInsts {
		return 0, errAreTooBig
	}
	b.insts = append(b.insts, i)
	return int32(len(b.insts) - 1), nil
}

// add appends the instructions of a language that goes on at next, and returns where they begin.
func (b *nfaBuilder) add(l *areLang, next int32) (int32, error) {
	var err error
	switch l.op {
	case langEmpty:
		return next, nil
	case langSet:
		return b.emit(nfaInst{op: nfaChar, arg: int32(l.set), x: next})
	case langAssert:
		return b.emit(nfaInst{op: nfaAssert, arg: int32(l.assert), x: next})
	case langLook:
		b.looks |= 1 << l.set
		return b.emit(nfaInst{op: nfaLook, arg: int32(l.set), x: next})
	case langCat:
		for i := len(l.kids) - 1; i >= 0 && err == nil; i-- {
			next, err = b.add(l.kids[i], next)
		}
		return next, err
	case langAlt:
		var at int32
		for i := len(l.kids) - 1; i >= 0; i-- {
			kid, err := b.add(l.kids[i], next)
			if err != nil {
				return 0, err
			}
			if i == len(l.kids)-1 {
				at = kid
			} else if at, err = b.emit(nfaInst{op: nfaSplit, x: kid, y: at}); err != nil {
				return 0, err
			}
		}
		return at, nil
	}
	return b.repeat(l, next)
}

func (b *nfaBuilder) repeat(l *areLang, next int32) (int32, error) {
	kid, lo, hi := l.kids[0], l.min, l.max
	var err error
	if hi == areInf {
		loop, err := b.emit(nfaInst{op: nfaSplit, y: next})
		if err != nil {
			return 0, err
		}
		body, err := b.add(kid, loop)
		if err != nil {
			return 0, err
		}
		b.insts[loop].x = body
		next = loop
		if lo > 0 { // the loop entered at its body is one round at least
			next, lo = body, lo-1
		}
	} else {
		end := next
		for range hi - lo {
			body, err := b.add(kid, next)
			if err != nil {
				return 0, err
			}
			if next, err = b.emit(nfaInst{op: nfaSplit, x: body, y: end}); err != nil {
				return 0, err
			}
		}
	}
	for range lo {
		if next, err = b.add(kid, next); err != nil {
			return 0, err
		}
	}
	return next, nil
}
