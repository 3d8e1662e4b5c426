using LanguageExt;

namespace Cmsa.Data.Refer;

/// <summary>One region that people described, as <c>refs(SPLIT).p</c> has it.</summary>
/// <param name="Name">Its id, or <c>#3</c> for the entry at index 3 of the file where it has none.</param>
/// <param name="Split">The split it belongs to.</param>
/// <param name="Target">The region; an error where the reference does not say which one.</param>
/// <param name="Sentences">The expressions.</param>
internal sealed record Reference(
    string Name,
    string Split,
    Either<Error, Target> Target,
    Many<ReferSentence> Sentences
);

/// <summary>What a reference refers to, by the ids of <c>instances.json</c>.</summary>
/// <param name="Image">The picture.</param>
/// <param name="Annotations">The annotations whose union is meant; none where the expression names nothing.</param>
/// <param name="Categories">The categories.</param>
internal sealed record Target(long Image, Many<long> Annotations, Many<long> Categories);

/// <summary>One expression.</summary>
/// <param name="Name">The number that names it within its data set.</param>
/// <param name="Text">Its text; an error where it has none.</param>
internal sealed record ReferSentence(string Name, Either<Error, string> Text);
