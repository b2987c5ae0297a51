package main

import (
	"maps"
	"testing"
)

func TestDeclared(t *testing.T) {
	got := declared(`
public class Config extends HashMap<String, Object> {
    /**
     * @IsBoolean in a comment does not count.
     */
    @NotNull
    @isInteger // as in Storm 2.0
    @IsPositiveNumber(includeZero = true)
    public static final String A = "a";
    @IsString(acceptedValues = { "S0",
        "S1" })
    public final static String B = "b";
    @Deprecated
    @IsListEntryCustom(entryValidatorClasses = {ConfigValidation.Of.class})
    public static final String C =
        "c";
    @IsString
    public static String NOT_FINAL = "not.final";
    public static final String WITHOUT = "without";
    private static final String PRIVATE = "private";
    public void setA(int a) { put(Config.A, a); }
}`)
	want := map[string]string{
		"a": "IsInteger IsPositiveNumber(includeZero=true) NotNull", "b": `IsString(acceptedValues={"S0", "S1"})`,
		"c": "IsListEntryCustom(entryValidatorClasses={ConfigValidation.Of.class})", "not.final": unchecked, "without": unchecked,
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
