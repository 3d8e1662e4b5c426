using LanguageExt;

namespace Cmsa.Data.Tests;

/// <summary>Taking a result apart in a test: the other side fails the test with what it says.</summary>
internal static class EitherSides
{
    public static T Value<T>(this Either<Error, T> either) =>
        either.IfLeft(wrong => throw new Xunit.Sdk.XunitException($"an error: {wrong}"));

    public static Error Error<T>(this Either<Error, T> either) =>
        either.Match(value => throw new Xunit.Sdk.XunitException($"no error: {value}"), wrong => wrong);
}
