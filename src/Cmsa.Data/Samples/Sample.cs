using Cmsa.Data.Masks;
using Cmsa.Data.Pictures;
using Cmsa.Data.Words;

namespace Cmsa.Data.Samples;

/// <summary>One expression with its picture and the region that it names (CVPR 2019, section 3).</summary>
/// <param name="Id">The name of the sample within its data set, for messages and logs.</param>
/// <param name="Picture">The picture at its original size.</param>
/// <param name="Truth">The region that the expression names, at the picture's size.</param>
/// <param name="Expression">The expression as written.</param>
/// <param name="Tokens">
/// Its words, as <see cref="Tokenizer.Split"/> gives them: lower case, not cut, not padded.
/// </param>
/// <param name="Topic">
/// The kind of expression ("position", "relation", ...), or the category's name where nothing better is known.
/// </param>
public sealed record Sample(
    string Id,
    Picture Picture,
    BinaryMask Truth,
    string Expression,
    Many<string> Tokens,
    string Topic
);
