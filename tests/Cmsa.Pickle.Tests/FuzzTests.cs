using Cmsa.Fuzzing;
using FsCheck;
using FsCheck.Fluent;

namespace Cmsa.Pickle.Tests;

/// <summary>Pickles with bytes and instructions changed.</summary>
public class FuzzTests
{
    private static readonly Gen<byte> instruction = Gen.Elements(
        Enumerable.Range(0, 256).Select(i => (byte)i).Where(i => Opcodes.Name(i).Length > 0)
    );

    [Fact]
    public void Any_mutated_pickle_is_read_or_refused_within_the_bound() =>
        Fuzz.Check(
            Gen.OneOf(Written, Gen.Elements(ByPython)),
            Gen.OneOf(instruction, Fuzz.AnyByte),
            usual: 500,
            BoundsTests.IsBounded
        );

    private static Gen<byte[]> Written =>
        from value in Values.Any().Generator
        from style in Gen.Elements(Enum.GetValues<Encoder.Style>())
        select Encoder.Encode(value, style);

    // Python's own, with objects and calls, and a tensor as PyTorch pickles one.
    private static byte[][] ByPython =>
        [
            .. GoldenTests
                .Fixtures("plain")
                .Concat(GoldenTests.Fixtures("refused"))
                .Select(f => Convert.FromBase64String((string)f[2]))
                .Where(pickle => pickle.Length < 1000),
            Say.Raw(
                "\u0080\u0002}q\0X\u0001\0\0\0wq\u0001ctorch._utils\n_rebuild_tensor_v2\nq\u0002("
                    + "(X\u0007\0\0\0storageq\u0003ctorch\nFloatStorage\n"
                    + "q\u0004X\u0001\0\0\00q\u0005X\u0003\0\0\0cpuq\u0006K\u0002tq\u0007Q"
                    + "K\0K\u0002\u0085K\u0001\u0085\u0089ccollections\nOrderedDict\n)RtRs0cm\nC\n)\u0081}X\u0001\0\0\0vh\0sb."
            ),
        ];
}
