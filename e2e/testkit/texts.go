package testkit

// EachText calls do with every text of a decoded JSON value, but not with the keys of its
// maps.
func EachText(value any, do func(string)) {
	switch value := value.(type) {
	case string:
		do(value)
	case []any:
		for _, item := range value {
			EachText(item, do)
		}
	case map[string]any:
		for _, item := range value {
			EachText(item, do)
		}
	}
}
