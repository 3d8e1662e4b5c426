using LanguageExt;

namespace Cmsa.Experiments;

/// <summary>Errors that several commands share.</summary>
public static class Failures
{
    /// <summary>Somebody asked to stop before it was finished; what had been finished is kept.</summary>
    public static Error Interrupted { get; } = new("interrupted", Hint: "run the same command again to go on");

    /// <summary>All that does not fit in a model, as one error with the first one's hint.</summary>
    public static Error Of(Seq<Error> errors) =>
        new(
            string.Join("; ", errors.Map(e => e with { Hint = "" })),
            "the model",
            errors.HeadOrNone().Map(e => e.Hint).IfNone("")
        );

    /// <summary>
    /// What a function gives, or why the file system would not let it: a full disk, a missing folder, a forbidden one.
    /// </summary>
    /// <param name="where">What is read or written.</param>
    /// <param name="act">The function.</param>
    public static Either<Error, T> Try<T>(string where, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            return new Error(wrong.Message.TrimEnd('.'), where);
        }
    }
}
