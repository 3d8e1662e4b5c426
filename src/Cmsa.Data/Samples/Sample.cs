using LanguageExt;

namespace Cmsa.Data;

/// <summary>
/// One expression with the picture it speaks of and the region it names: what the task is made of (CVPR 2019, section
/// 3).
/// </summary>
/// <param name="Id">Names the sample within its data set, for messages and logs.</param>
/// <param name="Picture">The picture at its original size.</param>
/// <param name="Truth">The region the expression names, at the picture's size.</param>
/// <param name="Expression">The expression as written.</param>
/// <param name="Tokens">Its words, as <see cref="Tokens.Of"/> splits them: lower case, not cut, not padded.</param>
/// <param name="Topic">
/// What kind of expression it is ("position", "relation", ...; a category's name where nothing better is known).
/// </param>
public sealed record Sample(
    string Id,
    Picture Picture,
    Mask Truth,
    string Expression,
    Seq<string> Tokens,
    string Topic
);
