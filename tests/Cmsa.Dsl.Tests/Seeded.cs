using FsCheck;
using FsCheck.Fluent;

namespace Cmsa.Dsl.Tests;

/// <summary>
/// Random tests that are the same on every run where they must not surprise: with CI set, or CMSA_SEED to a number.
/// Elsewhere every run draws anew, and a failure prints the seed.
/// </summary>
internal static class Seeded
{
    /// <summary>A property tried so many times.</summary>
    public static void Check<T>(Arbitrary<T> any, int times, Func<T, Property> holds)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(times);
        Prop.ForAll(any, holds).Check(Seed is { } seed ? config.WithReplay(seed, 1) : config);
    }

    private static ulong? Seed =>
        ulong.TryParse(Environment.GetEnvironmentVariable("CMSA_SEED"), out var seed) ? seed
        : Environment.GetEnvironmentVariable("CI") is { Length: > 0 } ? 20190616
        : null;
}
