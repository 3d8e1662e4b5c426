namespace Cmsa.Pickle.Tests;

/// <summary>
/// The stack and the memo, instruction by instruction; what each pickle holds follows from Python's <c>pickletools</c>.
/// </summary>
public class MemoTests
{
    [Theory]
    [InlineData("I1\nI2\n0.", "1")]
    [InlineData("(I1\nI2\n0I3\nt.", "(1 3)")]
    [InlineData("I1\n(0.", "1")]
    [InlineData("I1\n(I2\nI3\n1.", "1")]
    [InlineData("I1\n2\u0086.", "(1 1)")]
    public void POP_takes_off_the_top_or_a_mark_DUP_doubles_it(string pickle, string shown) =>
        Assert.Equal(shown, Shown(pickle));

    [Theory]
    // MEMOIZE counts up from what the memo holds, whatever numbers PUT used.
    [InlineData("(I7\n\u0094I8\n\u0094h\0h\u0001t.", "(7 8 7 8)")]
    [InlineData("(I7\nq\0I8\n\u0094h\0h\u0001t.", "(7 8 7 8)")]
    [InlineData("(I7\nq\u0005I8\n\u0094h\u0005h\u0001t.", "(7 8 7 8)")]
    // A number that is put twice holds the last value.
    [InlineData("(I7\nq\0I8\nq\0h\0t.", "(7 8 8)")]
    [InlineData("(I7\nq\u0009I8\nq\u0009h\u0009t.", "(7 8 8)")]
    // MEMOIZE leaves the value on the stack, and POP leaves it in the memo.
    [InlineData("(I7\n\u00940h\0t.", "(7)")]
    public void MEMOIZE_and_PUT_are_found_by_GET(string pickle, string shown) => Assert.Equal(shown, Shown(pickle));

    [Fact]
    public void What_is_in_the_memo_is_shared_while_it_grows() =>
        // x = []; (x, x) and then x.append(1)
        Assert.Equal("([1] [1])", Shown("]\u0094h\0\u0086\u00940h\0I1\na0h\u0001."));

    [Fact]
    public void POP_of_nothing_is_an_error()
    {
        Assert.Equal("takes a value where there is none", Say.Read(Say.Raw("0.")).Error().What);
        Assert.Equal("takes a value where there is none", Say.Read(Say.Raw("\u0094.")).Error().What);
        Assert.Equal("there is nothing in the memo at 0", Say.Read(Say.Raw("Nh\0.")).Error().What);
    }

    private static string Shown(string pickle) => Shown(Say.Read(Say.Raw(pickle)).Value());

    private static string Shown(PickleValue value) =>
        value switch
        {
            PickleValue.Int number => $"{number.Value}",
            PickleValue.Tuple tuple => $"({string.Join(' ', tuple.Items.Map(Shown))})",
            PickleValue.List list => $"[{string.Join(' ', list.Items.Map(Shown))}]",
            _ => $"{value}",
        };
}
