package simulator

// behaviour is everything that variants, faults and data decide: a snapshot
// that one request works with from beginning to end.
type behaviour struct {
	profile string
	traits  traits
	faults  []*activeFault
	models  map[string]*model // by api-version; "" for a service without versions
	data    map[string]*dataset
	until   int64
	memo    *memo
}

func (s *Server) newBehaviour(variants, faults []string) (*behaviour, error) {
	t, err := resolveVariants(variants)
	if err != nil {
		return nil, err
	}
	active, err := resolveFaults(faults)
	if err != nil {
		return nil, err
	}
	b := &behaviour{profile: s.opts.Profile, traits: t, faults: active, data: s.data, memo: newMemo(s.opts.Prerender && len(active) == 0)}
	switch s.opts.Model {
	case modelTypes:
		b.models = map[string]*model{"": typesModel()}
		return b, nil
	case modelOwn:
		m, err := ownModel(s.opts.Sets)
		b.models = map[string]*model{"": m}
		return b, err
	}
	b.until = s.world.until
	b.models, _, err = intuneModels(t)
	return b, err
}
