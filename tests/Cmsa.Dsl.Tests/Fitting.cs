using LanguageExt;

namespace Cmsa.Dsl.Tests;

/// <summary>Validations as tests read them.</summary>
internal static class Fitting
{
    public static T Fits<T>(this Validation<Error, T> found) =>
        found.Match(
            Succ: value => value,
            Fail: errors => throw new InvalidOperationException(string.Join("\n", errors))
        );

    public static string[] Errors<T>(this Validation<Error, T> found) =>
        found.Match(Succ: _ => [], Fail: errors => errors.Select(e => $"{e}").ToArray());
}
