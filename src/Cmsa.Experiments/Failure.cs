using Cmsa.Data;
using Cmsa.Dsl.Programs;
using LanguageExt;

namespace Cmsa.Experiments;

/// <summary>Why something that was asked for cannot be done, in words that a person can act on.</summary>
/// <param name="What">What is wrong.</param>
/// <param name="Where">The file, the option or the model it is wrong in; empty where that is plain.</param>
/// <param name="Hint">What to do about it; empty where nothing can be.</param>
public sealed record Failure(string What, string Where = "", string Hint = "")
{
    /// <summary>Somebody asked to stop before it was finished; what had been finished is kept.</summary>
    public static Failure Interrupted { get; } = new("interrupted", Hint: "run the same command again to go on");

    /// <summary>What a data set says is wrong with it.</summary>
    public static implicit operator Failure(DataError error) => new(error.What, error.Where, error.Hint);

    /// <summary>All that does not fit in a model, the first problem with its hint.</summary>
    public static Failure Of(Seq<ShapeError> errors) => new(
        string.Join("; ", errors.Map(e => $"{(e.Path.Length == 0 ? "" : $"{e.Path}: ")}{e.Problem.Found}, expected {e.Problem.Expected}")),
        "the model", errors.HeadOrNone().Map(e => e.Problem.Hint).IfNone(""));

    /// <summary>One line: where, what, and what to do.</summary>
    public override string ToString() => $"{(Where.Length == 0 ? "" : $"{Where}: ")}{What}{(Hint.Length == 0 ? "" : $"; {Hint}")}";

    /// <summary>What a function gives, or why the file system would not let it: a full disk, a missing folder, a forbidden one.</summary>
    /// <param name="where">What is read or written.</param>
    /// <param name="act">The function.</param>
    public static Either<Failure, T> Try<T>(string where, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            return new Failure(wrong.Message.TrimEnd('.'), where);
        }
    }
}
