using System.Globalization;
using System.Numerics;
using System.Text;
using LanguageExt;
using static LanguageExt.Prelude;

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

    public static PickleValue List(params PickleValue[] items) => new PickleValue.List(toSeq(items));

    public static PickleValue Tuple(params PickleValue[] items) => new PickleValue.Tuple(toSeq(items));

    public static PickleValue Set(params PickleValue[] items) => new PickleValue.Set(toSeq(items.Distinct().ToArray()));

    public static PickleValue Dict(params (PickleValue, PickleValue)[] entries) => new PickleValue.Dict(toSeq(entries));

    public static Either<PickleError, PickleValue> Read(byte[] pickle) => PickleReader.Read(pickle);

    /// <summary>Latin-1 text as bytes: how the instructions of a pickle are written down by hand.</summary>
    public static byte[] Raw(string latin1) => Encoding.Latin1.GetBytes(latin1);

    public static PickleValue Value(this Either<PickleError, PickleValue> read) =>
        read.IfLeft(wrong => throw new Xunit.Sdk.XunitException($"refused: {wrong}"));

    public static PickleError Error(this Either<PickleError, PickleValue> read) =>
        read.Match(value => throw new Xunit.Sdk.XunitException($"read: {value}"), wrong => wrong);

    public static string Invariant(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
