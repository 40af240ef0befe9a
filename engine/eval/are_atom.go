package eval

// repeated is a language so many times.
func repeated(l *areLang, lo, hi int) *areLang {
	if lo == 1 && hi == 1 {
		return l
	}
	return &areLang{op: langRep, kids: []*areLang{l}, min: lo, max: hi}
}

// withoutAssertions is the language of a back-reference: what the group matched, wherever it stands now.
func withoutAssertions(l *areLang) *areLang {
	switch l.op {
	case langAssert, langLook:
		return &areLang{op: langEmpty}
	case langCat, langAlt, langRep:
		c := *l
		c.kids = make([]*areLang, len(l.kids))
		for i, k := range l.kids {
			c.kids[i] = withoutAssertions(k)
		}
		return &c
	}
	return l
}

// use gives a set of characters a number.
func (p *areParser) use(s runeSet) *areLang {
	if len(s) == 1 && s[0].lo == s[0].hi {
		n, ok := p.known[s[0].lo]
		if !ok {
			n = len(p.sets)
			p.known[s[0].lo] = n
			p.sets = append(p.sets, s)
		}
		return &areLang{op: langSet, set: n}
	}
	p.sets = append(p.sets, s)
	return &areLang{op: langSet, set: len(p.sets) - 1}
}

// atom reads an atom that takes one character.
func (p *areParser) atom() *areLang {
	fold := p.flags&areFold != 0
	switch p.tok {
	case ')':
		if p.flags&areARE != areExtended {
			p.fail(areBadParen)
			return nil
		}
		fallthrough // an ERE takes it literally
	case tokPlain:
		r := p.val
		p.next()
		return p.use(p.locale.one(r, fold))
	case '[':
		return p.bracketed()
	case tokEscClass, tokEscNotClass:
		key := p.val<<1 | 1
		if p.tok == tokEscNotClass {
			key ^= 1
		}
		n, ok := p.escapes[key]
		if !ok {
			set := p.escaped(p.val)
			if p.tok == tokEscNotClass {
				set = set.complement()
			}
			n = p.use(set).set
			p.escapes[key] = n
		}
		p.next()
		return &areLang{op: langSet, set: n}
	case '.':
		p.next()
		if p.notNL < 0 {
			set := runeSet{}
			if p.flags&areNLStop != 0 {
				set = runeSet{{'\n', '\n'}}
			}
			p.notNL = p.use(set.complement()).set
		}
		return &areLang{op: langSet, set: p.notNL}
	}
	p.fail("internal error")
	return nil
}

// escaped is the class of an escape.
func (p *areParser) escaped(which rune) runeSet {
	name := []string{escDigit: "digit", escSpace: "space", escWord: "word"}[which]
	set, _ := p.locale.class(name, p.flags&areFold != 0)
	return set.normal()
}

// bracketed reads a bracket expression.
func (p *areParser) bracketed() *areLang {
	negated := p.val == 0
	var set runeSet
	p.next()
	for !p.see(']') && !p.see(tokEnd) {
		p.element(&set)
	}
	p.next()
	if p.why != "" {
		return nil
	}
	set = set.normal()
	if negated {
		if p.flags&areNLStop != 0 {
			set.add('\n', '\n')
			set = set.normal()
		}
		set = set.complement()
	}
	return p.use(set)
}

// element reads a character, class or range of a bracket expression.
func (p *areParser) element(set *runeSet) {
	fold := p.flags&areFold != 0
	var lo rune
	switch p.tok {
	case tokPlain:
		lo = p.val
		p.next()
		if !p.see(tokRange) {
			*set = append(*set, p.locale.one(lo, fold)...)
			return
		}
	case tokCollating:
		lo = p.collating()
	case tokEquiv:
		lo = p.collating()
		if p.why == "" {
			*set = append(*set, p.locale.one(lo, fold)...)
		}
		return
	case tokClass:
		name := p.name()
		if p.why != "" {
			return
		}
		class, ok := p.locale.class(string(name), fold)
		if !ok {
			p.fail(areBadClass)
			return
		}
		*set = append(*set, class...)
		return
	case tokEscClass:
		*set = append(*set, p.escaped(p.val)...)
		p.next()
		return
	case tokEscNotClass:
		*set = append(*set, p.escaped(p.val).complement()...)
		p.next()
		return
	default: // a range without a beginning
		p.fail(areBadRange)
		return
	}
	if p.why != "" {
		return
	}
	hi := lo
	if p.eat(tokRange) {
		switch p.tok {
		case tokPlain, tokRange:
			hi = p.val
			p.next()
		case tokCollating:
			hi = p.collating()
		default:
			p.fail(areBadRange)
		}
	}
	switch {
	case p.why != "":
	case lo > hi:
		p.fail(areBadRange)
	case fold && int64(hi)-int64(lo) > 100000:
		p.fail(areTooColorful)
	default:
		p.locale.addSpan(set, lo, hi, fold)
	}
}

// name reads what stands between [: and :] or the like.
func (p *areParser) name() []rune {
	class := p.tok == tokClass
	from := p.pos
	p.next()
	to := from
	for p.see(tokPlain) {
		to = p.pos
		p.next()
	}
	p.next()
	if p.why == "" && from == to {
		if class {
			p.fail(areBadClass)
		} else {
			p.fail(areBadElement)
		}
		return nil
	}
	return p.src[from:to]
}

func (p *areParser) collating() rune {
	name := p.name()
	if p.why != "" {
		return 0
	}
	r, ok := areElement(name)
	if !ok {
		p.fail(areBadElement)
	}
	return r
}
