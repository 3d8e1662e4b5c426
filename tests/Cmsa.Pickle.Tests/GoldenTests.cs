using System.Numerics;
using System.Text.Json;
using LanguageExt;

namespace Cmsa.Pickle.Tests;

/// <summary>Pickles that Python 3.11 wrote, protocols 0 to 5; what they say is written here by hand.</summary>
public class GoldenTests
{
    private static readonly Dictionary<string, PickleValue> Said = new()
    {
        ["nothing"] = Say.Nothing,
        ["true"] = Say.Bool(true),
        ["false"] = Say.Bool(false),
        ["ints"] = Say.List([
            .. new BigInteger[]
            {
                0,
                1,
                -1,
                255,
                256,
                65535,
                65536,
                int.MaxValue,
                int.MinValue,
                1L << 31,
                long.MaxValue,
                long.MinValue,
                BigInteger.Pow(2, 63),
                BigInteger.Pow(10, 40),
                -BigInteger.Pow(10, 40),
                BigInteger.Pow(2, 2100),
            }.Select(Say.Int),
        ]),
        ["floats"] = Say.List([
            .. new[] { 0.0, -0.0, 1.5, -2.25, 1e300, 5e-324, double.PositiveInfinity, double.NegativeInfinity }.Select(
                Say.Float
            ),
        ]),
        ["text"] = Say.List([
            .. new[] { "", "plain", "it's \"quoted\"\\ \n\r\t\0\u001a", "h\u00e9 \u20ac \U0001f600", "\\u0041" }.Select(
                Say.Text
            ),
        ]),
        ["bytes"] = Say.List(
            Say.Bytes(),
            Say.Bytes("abc"u8.ToArray()),
            Say.Bytes([.. Enumerable.Range(0, 256).Select(i => (byte)i)]),
            Say.Bytes("grow"u8.ToArray())
        ),
        ["tuples"] = Say.List([
            .. Enumerable.Range(0, 5).Select(n => Say.Tuple([.. Enumerable.Range(1, n).Select(i => Say.Int(i))])),
        ]),
        ["nested"] = Say.Dict(
            (
                Say.Text("a"),
                Say.List(
                    Say.Int(1),
                    Say.List(
                        Say.Int(2),
                        Say.List(Say.Int(3), Say.Tuple(Say.Int(4), Say.Dict((Say.Text("b"), Say.Nothing))))
                    )
                )
            ),
            (Say.Tuple(Say.Text("k"), Say.Int(1)), Say.Text("tuple key"))
        ),
        ["shared"] = Say.List(Shared, Shared, Say.Tuple(Shared)),
        ["sets"] = Say.List(Say.Set(), Say.Set(Say.Int(1)), Say.Set(), Say.Set(Say.Text("f"))),
        ["empty"] = Say.List(Say.List(), Say.Dict(), Say.Tuple()),
        ["ordered"] = Say.Dict((Say.Text("b"), Say.Int(1)), (Say.Text("a"), Say.Tuple(Say.Int(2)))),
    };

    private static PickleValue Shared => Say.List(Say.Text("x"), Say.Int(1));

    [Theory, MemberData(nameof(Fixtures), "plain")]
    public void Python_3_data_is_read(string name, int protocol, string base64)
    {
        var pickle = Convert.FromBase64String(base64);
        Assert.Equal(Said[name], Say.Read(pickle).Value());
        Assert.All(
            Enumerable.Range(0, pickle.Length),
            length => Assert.True(Say.Read(pickle[..length]).IsLeft, $"{name} {protocol} cut to {length}")
        );
    }

    [Theory, MemberData(nameof(Fixtures), "refused")]
    public void Python_3_objects_and_cycles_are_refused(string name, int protocol, string base64)
    {
        var pickle = Convert.FromBase64String(base64);
        var wrong = PickleReader
            .Whole(pickle, PickleOptions.Data)
            .Match(_ => throw new InvalidOperationException(name), fault => fault);
        var imports = protocol < 4 ? "GLOBAL" : "STACK_GLOBAL";
        Assert.Equal(
            name switch
            {
                "system" => (imports, "posix system"),
                "object" => (imports, protocol < 2 ? "copy_reg _reconstructor" : "__main__ Obj"),
                _ => ("STOP", ""),
            },
            (wrong.Opcode, wrong.Subject)
        );
        Assert.InRange(wrong.Offset, protocol < 2 ? 0 : 2, 60);
    }

    [Theory, MemberData(nameof(Fixtures), "refused")]
    public void Python_3_objects_and_cycles_are_kept_as_inert_data(string name, int protocol, string base64)
    {
        Assert.InRange(protocol, 0, 5);
        var read = PickleReader.Read(Convert.FromBase64String(base64), PickleOptions.Inert).Value();
        Assert.Contains(
            name is "system" ? "posix system"
                : name is "object" ? "Obj"
                : "Cycle",
            $"{read}",
            StringComparison.Ordinal
        );
    }

    public static IEnumerable<object[]> Fixtures(string group)
    {
        using var stream = typeof(GoldenTests).Assembly.GetManifestResourceStream("python3.json")!;
        using var json = JsonDocument.Parse(stream);
        return
        [
            .. json
                .RootElement.GetProperty(group)
                .EnumerateArray()
                .Select(f =>
                    new object[]
                    {
                        f.GetProperty("name").GetString()!,
                        f.GetProperty("protocol").GetInt32(),
                        f.GetProperty("base64").GetString()!,
                    }
                ),
        ];
    }
}
