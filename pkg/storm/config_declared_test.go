package storm

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// declaration is a setting as some versions of Storm declare it.
type declaration struct{ setting, first, last, annotations string }

// declarations are those of Storm's Config.java, and the versions that were read (make
// settings STORM=PATH).
func declarations(t *testing.T) (all []declaration, versions []string) {
	t.Helper()
	text, err := os.ReadFile("testdata/declared.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if list, is := strings.CutPrefix(line, "# versions: "); is {
			versions = strings.Fields(list)
		}
		if parts := strings.Split(line, " | "); len(parts) == 4 {
			all = append(all, declaration{parts[0], parts[1], parts[2], parts[3]})
		}
	}
	return all, versions
}

// unchecked is a setting that Storm declares and does not validate.
const unchecked = "-"

// TestDeclared holds the table to Config.java of every version: its settings, the versions
// that have them, their types and ranges, and where null is refused.
func TestDeclared(t *testing.T) {
	all, versions := declarations(t)
	if len(versions) < 27 || versions[len(versions)-1] != newest {
		t.Fatalf("versions %v, and the newest that is known is %s", versions, newest)
	}
	first, last, newestOf := map[string]string{}, map[string]string{}, map[string]string{}
	for _, d := range all {
		if first[d.setting] == "" {
			first[d.setting] = d.first
		}
		last[d.setting], newestOf[d.setting] = d.last, d.annotations
	}
	for _, key := range slices.Sorted(maps.Keys(newestOf)) {
		if _, is := declared[key]; !is && newestOf[key] != unchecked {
			t.Errorf("Storm %s declares %s (%s), and the table does not", last[key], key, newestOf[key])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(declared)) {
		if newestOf[key] == "" {
			t.Errorf("no Storm declares %s", key)
			continue
		}
		want := span{}
		if first[key] != versions[0] {
			want.since = first[key]
		}
		if at := slices.Index(versions, last[key]); at+1 < len(versions) {
			want.until = versions[at+1]
		}
		if spans[key] != want {
			t.Errorf("%s: the table has %+v, and Storm %+v", key, spans[key], want)
		}
		onType(t, key, newestOf[key])
	}
}

// ofAnnotations are the rules of the table for the annotations of a setting, without
// NotNull. The first is all that Storm's validation requires; the others are for settings
// whose readers accept less.
var ofAnnotations = map[string][]rule{
	"IsBoolean":                  {boolean},
	"IsInteger":                  {whole},
	"IsInteger IsPositiveNumber": {wholePositive},
	"IsInteger IsPositiveNumber(includeZero=true)":      {wholeZero},
	"IsLong IsPositiveNumber":                           {longPositive},
	"IsNumber":                                          {{must: "a number"}, whole},
	"IsNumber IsPositiveNumber":                         {numberPositive, wholePositive},
	"IsPositiveNumber":                                  {numberPositive, sampleRate},
	"IsPositiveNumber(includeZero=false)":               {numberPositive, wholePositive},
	"IsPositiveNumber(includeZero=true)":                {numberZero, wholeZero},
	"IsString":                                          {text, class, oneOf("distributed", "local")},
	"IsString Password":                                 {text},
	`IsString(acceptedValues={"S0", "S1", "S2", "S3"})`: {oneOf("S0", "S1", "S2", "S3")},
	"IsStringList":                                      {textList, classes},
	"IsStringOrStringList":                              {textOrTexts},
	"IsType(type=Map.class)":                            {anyMap},
	"IsKryoReg":                                         {kryo},
	"IsMapEntryType(keyType=String.class, valueType=Number.class)":                                                                                                      {numberMap},
	"IsMapEntryType(keyType=String.class, valueType=String.class)":                                                                                                      {textMap, environment},
	"IsListEntryCustom(entryValidatorClasses={EventLoggerRegistryValidator.class})":                                                                                     {eventLoggers},
	"IsListEntryCustom(entryValidatorClasses={MetricRegistryValidator.class})":                                                                                          {metricConsumers},
	"IsListEntryCustom(entryValidatorClasses={MetricReportersValidator.class})":                                                                                         {metricReporters},
	"IsMapEntryCustom(keyValidatorClasses={ConfigValidation.StringValidator.class}, valueValidatorClasses={ConfigValidation.ImpersonationAclUserEntryValidator.class})": {impersonation},
	"IsExactlyOneOf(valueValidatorClasses={ListOfListOfStringValidator.class, RasConstraintsTypeValidator.class})":                                                      {constraints},
	"IsImplementationOfClass(implementsClass=org.apache.storm.networktopography.DNSToSwitchMapping.class)":                                                              {class},
	"IsImplementationOfClass(implementsClass=org.apache.storm.assignments.ILocalAssignmentsBackend.class) IsString":                                                     {text},
	"CustomComboValidator(validatorClass=ConfigValidation.UpstreamFeedbackValidator.class) IsBoolean":                                                                   {boolean},
	"CustomValidator(validatorClass=ConfigValidation.PacemakerAuthTypeValidator.class)":                                                                                 {oneOf("NONE", "DIGEST", "KERBEROS")},
	"CustomValidator(validatorClass=ConfigValidation.ZeroOneOpenIntervalValidator.class)":                                                                               {openUnit},
	"CustomValidator(validatorClass=ConfigValidation.ZstdLevelValidator.class)":                                                                                         {zstdLevel},
	"CustomValidator(validatorClass=MapOfStringToMapOfStringToObjectValidator.class)":                                                                                   {blobs},
}

// onType compares the rule of a setting with its annotations.
func onType(t *testing.T, key, annotations string) {
	t.Helper()
	without := strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(annotations, "NotNull", ""), "  ", " "))
	if annotations == unchecked {
		return
	}
	rules := ofAnnotations[without]
	at := slices.IndexFunc(rules, func(r rule) bool { return r.must == declared[key].must })
	if at < 0 {
		t.Errorf("%s: the table requires %s, and Storm %s", key, declared[key].must, annotations)
	}
	if at > 0 && reads[key].at == "" && key != "topology.scheduler.strategy" { // Nimbus loads its class (DaemonConfig.java)
		t.Errorf("%s: the table requires %s, Storm's validation only %s, and no reader is named", key, declared[key].must, without)
	}
	if _, problems := Settings(map[string]any{key: nil}); annotations != without && len(problems) == 0 {
		t.Errorf("%s: Storm refuses null, and the table does not", key)
	}
}
