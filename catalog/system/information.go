package system

func informationSources() map[string][]source { return map[string][]source{} }
