using System.Text;

namespace Cmsa.Pickle.Tests;

/// <summary>
/// Memory and work are at most proportional to the length of a pickle. Measured in bytes that the reading thread
/// allocates, which is more than it ever holds: no clocks, so the tests say the same on every machine.
/// </summary>
[Trait("Speed", "Slow")]
public class BoundsTests
{
    private const int Long = 50_000;

    // The reader itself, its errors, and what the runtime allocates on first use.
    private const long Overhead = 64 << 10;

    private static readonly PickleOptions[] options = [PickleOptions.Data, PickleOptions.Inert];

    private static long Allocated(byte[] pickle, PickleOptions option)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = PickleReader.Read(pickle, option);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Reads a pickle every way; fails where that throws or allocates more than the bound.</summary>
    internal static void IsBounded(byte[] pickle)
    {
        foreach (var option in options)
        {
            _ = PickleReader.Read(pickle.AsMemory(0, Math.Min(pickle.Length, 100)), option);
            Assert.InRange(Allocated(pickle, option), 0, PickleOptions.MemoryFor(pickle.Length) + Overhead);
        }
    }

    private static string Times(string part, int count = Long) => new StringBuilder().Insert(0, part, count).ToString();

    [Fact]
    public void Every_instruction_of_one_byte_again_and_again_is_bounded()
    {
        foreach (var before in new[] { "", "N", "(N", "](N", "NN", "cm\nf\n", "cm\nf\n)R" })
        {
            for (var code = 0; code < 256; code++)
            {
                if (code is 'c' or 'i')
                    continue;
                IsBounded(Say.Raw(before + new string((char)code, Long) + "."));
            }
        }
    }

    [Theory]
    [InlineData("](", "]", "e.")]
    [InlineData("(", "]", "l.")]
    [InlineData("](", "]\u0094", "e.")]
    [InlineData("](", "}", "e.")]
    [InlineData("](", "\u008f", "e.")]
    [InlineData("](", "N\u0085", "e.")]
    [InlineData("](", "NN\u0086", "e.")]
    [InlineData("]", "Na", ".")]
    [InlineData("](", "]Na", "e.")]
    [InlineData("](", "}NNs", "e.")]
    [InlineData("](", "K\u0001", "e.")]
    [InlineData("](", "J\u0001\u0002\u0003\u0004", "e.")]
    [InlineData("](", "\u008a\0", "e.")]
    [InlineData("](", "F1\n", "e.")]
    [InlineData("](", "\u008c\0", "e.")]
    [InlineData("](", "\u008c\u0001a", "e.")]
    [InlineData("](", "V\n", "e.")]
    [InlineData("](", "C\0", "e.")]
    [InlineData("](", "C\u0001a", "e.")]
    [InlineData("](", "Nr\u0001\u0001\u0001\u0001", "e.")]
    [InlineData("ccollections\nOrderedDict\nq\u00010](", "h\u0001)RK\u0001Ns", "e.")]
    [InlineData(
        "ccollections\ndefaultdict\nq\u0001c__builtin__\nlist\n\u0085q\u000200](",
        "h\u0001h\u0002RK\u0001]s",
        "e."
    )]
    [InlineData("c__builtin__\nset\nq\u00010](", "h\u0001](K\u0001K\u0002e\u0085R", "e.")]
    public void Plain_data_of_the_shortest_instructions_is_read_within_the_bound(string begin, string part, string end)
    {
        var pickle = Say.Raw(begin + Times(part) + end);
        IsBounded(pickle);
        Assert.True(Say.Read(pickle).IsRight);
    }

    [Theory]
    // n references, each of 2 or 5 bytes, to one large value: copying or hashing it each time would take quadratic
    // time.
    [InlineData(
        "frozensets of one list",
        "c__builtin__\nfrozenset\nq\u0001({0}lq\u000200(",
        "h\u0001h\u0002\u0085R",
        "l."
    )]
    [InlineData(
        "dictionaries of one list of pairs",
        "ccollections\nOrderedDict\nq\u0001({0}lq\u000200(",
        "h\u0001h\u0002\u0085R",
        "l."
    )]
    [InlineData("bytes of one text", "c__builtin__\nbytes\nq\u0001V{0}\nq\u000200(", "h\u0001h\u0002\u0085R", "l.")]
    [InlineData("encodings of one text", "c_codecs\nencode\nq\u0001V{0}\nq\u000200(", "h\u0001h\u0002\u0085R", "l.")]
    [InlineData("dictionaries with one long key", "V{0}\nq\u00010(", "}h\u0001Nsh\u0001Ns", "l.")]
    [InlineData("sets with one large tuple", "({0}tq\u00010(", "\u008f(h\u0001\u0090", "l.")]
    public void References_to_one_large_value_do_not_take_quadratic_work(
        string name,
        string begin,
        string part,
        string end
    )
    {
        const int size = 20_000;
        var large =
            begin.Contains("V{0}", StringComparison.Ordinal) ? Times("x", size)
            : name.Contains("pairs", StringComparison.Ordinal) ? Times("K\u0001N\u0086", size)
            : Times("K\u0001", size);
        var pickle = Say.Raw(begin.Replace("{0}", large, StringComparison.Ordinal) + Times(part, size) + end);
        IsBounded(pickle);
        Assert.Contains("memory", Say.Read(pickle).Error().What, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_made_to_collide_do_not_collide()
    {
        // Equal in the sum of both halves, which is .NET's own hash of a double.
        var hashes = Enumerable
            .Range(1, 1000)
            .Select(i => BitConverter.UInt64BitsToDouble(((ulong)i << 32) | (uint)i))
            .Select(number => Say.Float(number).GetHashCode());
        Assert.InRange(hashes.Distinct().Count(), 990, 1000);
        Assert.Equal(Say.Float(0.0).GetHashCode(), Say.Float(-0.0).GetHashCode());
    }

    [Fact]
    public void A_bound_can_be_set()
    {
        var pickle = Say.Raw("](" + Times("K\u0001", 1000) + "e.");
        Assert.True(PickleReader.Read(pickle, PickleOptions.Data with { MaxMemory = 100_000 }).IsRight);
        var wrong = PickleReader.Read(pickle, PickleOptions.Data with { MaxMemory = 5_000 }).Error();
        Assert.StartsWith("needs more than 5000 bytes of memory", wrong.What, StringComparison.Ordinal);
    }
}
