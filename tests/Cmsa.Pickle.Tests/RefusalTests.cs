namespace Cmsa.Pickle.Tests;

public class RefusalTests
{
    [Theory]
    [InlineData("cos\nsystem\n(S'true'\ntR.", "GLOBAL", 0, "os system")]
    [InlineData("\u0080\u0004\u008c\u0002os\u008c\u0006system\u0093.", "STACK_GLOBAL", 14, "os system")]
    [InlineData("(S'true'\nios\nsystem\n.", "INST", 9, "os system")]
    [InlineData("]NR.", "REDUCE", 2, "")]
    [InlineData("(]No.", "OBJ", 3, "")]
    [InlineData("])\u0081.", "NEWOBJ", 2, "")]
    [InlineData("])}\u0092.", "NEWOBJ_EX", 3, "")]
    [InlineData("]}b.", "BUILD", 2, "")]
    [InlineData("\u0082\u0007.", "EXT1", 0, "extension 7")]
    [InlineData("\u0083\u0007\u0001.", "EXT2", 0, "extension 263")]
    [InlineData("\u0084\u0007\0\0\0.", "EXT4", 0, "extension 7")]
    [InlineData("Pplace\n.", "PERSID", 0, "place")]
    [InlineData("U\u0005placeQ.", "BINPERSID", 7, "place")]
    [InlineData("\u0097.", "NEXT_BUFFER", 0, "")]
    [InlineData("\u0080\u0006N.", "PROTO", 0, "")]
    [InlineData("N\u00ff.", "", 1, "")]
    [InlineData("", "", 0, "")]
    [InlineData(".", "STOP", 0, "")]
    [InlineData("NN.", "STOP", 2, "")]
    [InlineData("1.", "POP_MARK", 0, "")]
    [InlineData("N(a.", "APPEND", 2, "")]
    [InlineData("]h\u0005.", "BINGET", 1, "")]
    [InlineData("}(Nu.", "SETITEMS", 3, "")]
    [InlineData("}]Ns.", "STOP", 4, "")]
    [InlineData("NNa.", "APPEND", 2, "")]
    [InlineData("]2a.", "STOP", 3, "")]
    [InlineData("I5x\n.", "INT", 0, "")]
    [InlineData("Fpi\n.", "FLOAT", 0, "")]
    [InlineData("S'open\n.", "STRING", 0, "")]
    [InlineData("V\\u00\n.", "UNICODE", 0, "")]
    [InlineData("X\u0001\0\0\0\u00ff.", "BINUNICODE", 0, "")]
    public void What_is_not_data_is_refused_by_name_and_place(string pickle, string opcode, long offset, string subject)
    {
        var place = opcode.Length == 0 ? "pickle" : $"pickle, {opcode} at byte {offset}";
        Assert.Equal(place + (subject.Length == 0 ? "" : $" ({subject})"), Say.Read(Say.Raw(pickle)).Error().Where);
    }

    [Theory]
    [InlineData("B\u00ff\u00ff\u00ff\u00ff.")]
    [InlineData("X\u00ff\u00ff\u00ff\u00ff.")]
    [InlineData("T\u00ff\u00ff\u00ff\u007f.")]
    [InlineData("T\u00ff\u00ff\u00ff\u00ff.")]
    [InlineData("\u008e\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f.")]
    [InlineData("\u0096\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff.")]
    [InlineData("\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\0\0\0.")]
    [InlineData("\u008b\u00ff\u00ff\u00ff\u007f.")]
    [InlineData("\u008b\u00ff\u00ff\u00ff\u00ff.")]
    [InlineData("\u0080\u0004\u0095\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007fN.")]
    [InlineData("Nr\u00ff\u00ff\u00ff\u00ffh\0.")]
    public void A_length_past_the_end_allocates_nothing(string pickle)
    {
        var bytes = Say.Raw(pickle);
        _ = Say.Read(bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(Say.Read(bytes).IsLeft);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000);
    }

    [Theory]
    [InlineData("(", "t")]
    [InlineData("", "\u0085")]
    [InlineData("]", "a")]
    [InlineData("(", "l")]
    [InlineData("(N", "d")]
    public void Deep_nesting_is_one_clear_error(string open, string close)
    {
        const int deep = 100_000;
        var pickle = Say.Raw(
            string.Concat(Enumerable.Repeat(open, deep)) + "N" + string.Concat(Enumerable.Repeat(close, deep)) + "."
        );
        Assert.Contains("deep", Say.Read(pickle).Error().What, StringComparison.Ordinal);
        Assert.True(PickleReader.Read(Say.Raw("((((Ntttt."), PickleOptions.Data with { MaxDepth = 5 }).IsRight);
        Assert.True(PickleReader.Read(Say.Raw("((((Ntttt."), PickleOptions.Data with { MaxDepth = 4 }).IsLeft);
    }

    [Fact]
    public void Deep_calls_are_one_clear_error()
    {
        var keep = PickleOptions.Data.Keep("m", "f");
        // x = f(x), again and again, through memory.
        var pickle = Say.Raw(
            "cm\nf\nq\0Nq\u00010" + string.Concat(Enumerable.Repeat("0h\0h\u0001\u0085Rq\u0001", 10_000)) + "."
        );
        Assert.Contains("deep", PickleReader.Read(pickle, keep).Error().What, StringComparison.Ordinal);
    }

    [Fact]
    public void Small_pickles_that_say_enormous_values_are_read_or_refused_quickly()
    {
        var doubling = string.Concat(Enumerable.Repeat("2\u0086", 100));
        Assert.True(Say.Read(Say.Raw("N" + doubling + ".")).IsRight);
        Assert.Contains("memory", Say.Read(Say.Raw("}N" + doubling + "Ns.")).Error().What, StringComparison.Ordinal);
        Assert.Contains(
            "memory",
            Say.Read(Say.Raw("\u008f(N" + doubling + "\u0090.")).Error().What,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "digits",
            Say.Read(Say.Raw("L" + new string('7', 100_000) + "L\n.")).Error().What,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Allowed_names_are_answered_by_pure_functions()
    {
        var options = PickleOptions
            .Data.Allow("m", "pair", arguments => new PickleValue.Tuple([.. arguments, .. arguments]))
            .Keep("m", "point");
        var read = PickleReader.Read(Say.Raw("cm\npair\n(cm\npoint\n(I1\nI2\ntRtR."), options);
        var point = Say.Made("m", "point", Say.Int(1), Say.Int(2));
        Assert.Equal(Say.Tuple(point, point), read.Value());
    }

    [Fact]
    public void The_error_of_a_function_gets_its_place_and_name()
    {
        var options = PickleOptions.Data.Allow("m", "f", _ => new Error("no", Hint: "try g"));
        Error At(string pickle) => PickleReader.Read(Say.Raw(pickle), options).Error();
        Assert.Equal(new Error("no", "pickle, REDUCE at byte 6 (m f)", "try g"), At("cm\nf\n)R."));
        Assert.Equal(new Error("no", "pickle, OBJ at byte 7 (m f)", "try g"), At("(cm\nf\nNo."));
        Assert.Equal(new Error("no", "pickle, INST at byte 2 (m f)", "try g"), At("(Nim\nf\n."));
    }

    [Fact]
    public void A_refusal_is_one_line_that_says_where_what_and_why() =>
        Assert.Equal(
            "pickle, GLOBAL at byte 0 (os system): imports what is not data; only data is read",
            $"{Say.Read(Say.Raw("cos\nsystem\n(S'true'\ntR.")).Error()}"
        );
}
