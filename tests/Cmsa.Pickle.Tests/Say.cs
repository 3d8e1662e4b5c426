using System.Globalization;
using System.Numerics;
using System.Text;
using LanguageExt;

namespace Cmsa.Pickle.Tests;

/// <summary>Short ways to write values and pickles in tests.</summary>
internal static class Say
{
    public static PickleValue Nothing => PickleValue.None.Value;

    public static PickleValue Int(BigInteger value) => new PickleValue.Int(value);

    public static PickleValue Float(double value) => new PickleValue.Float(value);

    public static PickleValue Text(string value) => new PickleValue.Text(value);

    public static PickleValue Bytes(params byte[] value) => new PickleValue.Bytes(value);

    public static PickleValue Bool(bool value) => new PickleValue.Bool(value);

    public static PickleValue List(params PickleValue[] items) => new PickleValue.List([.. items]);

    public static PickleValue Tuple(params PickleValue[] items) => new PickleValue.Tuple([.. items]);

    public static PickleValue Set(params PickleValue[] items) => new PickleValue.Set([.. items.Distinct()]);

    public static PickleValue Dict(params (PickleValue, PickleValue)[] entries) => new PickleValue.Dict([.. entries]);

    public static PickleValue Global(string module, string name) => new PickleValue.Global(new(module, name));

    public static PickleValue.Made Made(string module, string name, params PickleValue[] arguments) =>
        new(Global(module, name), [.. arguments]);

    public static Either<Error, PickleValue> Read(byte[] pickle) => PickleReader.Read(pickle);

    /// <summary>Reads objects as inert data.</summary>
    public static Either<Error, PickleValue> Inert(string pickle) =>
        PickleReader.Read(Raw(pickle), PickleOptions.Inert);

    /// <summary>Latin-1 text as bytes: how the instructions of a pickle are written down by hand.</summary>
    public static byte[] Raw(string latin1) => Encoding.Latin1.GetBytes(latin1);

    public static PickleValue Value(this Either<Error, PickleValue> read) =>
        read.IfLeft(wrong => throw new Xunit.Sdk.XunitException($"refused: {wrong}"));

    public static Error Error(this Either<Error, PickleValue> read) =>
        read.Match(value => throw new Xunit.Sdk.XunitException($"read: {value}"), wrong => wrong);

    public static string Invariant(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
