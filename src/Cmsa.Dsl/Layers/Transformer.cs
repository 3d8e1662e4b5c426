using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

public static partial class Syntax
{
    /// <summary>
    /// A layer of a transformer's encoder, normed before its parts: <c>x + attention(norm x)</c>, then <c>x + mlp(norm
    /// x)</c>. Its parts are <c>norm1</c>, <c>attention</c>, <c>norm2</c> and <c>mlp</c>.
    /// </summary>
    /// <param name="width">Channels.</param>
    /// <param name="heads">Heads of the attention.</param>
    /// <param name="hidden">Channels inside the perceptron.</param>
    /// <param name="epsilon">That of the norms.</param>
    public static Layer<A, A> TransformerEncoder<A>(int width, int heads, int hidden, double epsilon = 1e-5)
        where A : IKind =>
        Residual(LayerNorm<A>(epsilon).Named("norm1") >> MultiHeadAttention<A>(width, heads).Named("attention"))
        >> Residual(LayerNorm<A>(epsilon).Named("norm2") >> Perceptron<A>(hidden, width).Named("mlp"));

    /// <summary>
    /// A layer of a transformer's decoder, normed before its parts: the first of a pair attends to itself, then to the
    /// second, and goes through a perceptron.
    /// </summary>
    /// <inheritdoc cref="TransformerEncoder{A}"/>
    public static Layer<(A, B), A> TransformerDecoder<A, B>(int width, int heads, int hidden, double epsilon = 1e-5)
        where A : IKind
        where B : IKind =>
        Define<A, B, A>(
            (x, memory) =>
            {
                var own =
                    x
                    + (x >> LayerNorm<A>(epsilon).Named("norm1") >> MultiHeadAttention<A>(width, heads).Named("self"));
                var query = own >> LayerNorm<A>(epsilon).Named("norm2");
                var crossed = own + ((query, memory) >> MultiHeadAttention<A, B>(width, heads).Named("cross"));
                return crossed
                    + (crossed >> LayerNorm<A>(epsilon).Named("norm3") >> Perceptron<A>(hidden, width).Named("mlp"));
            }
        );

    /// <summary>Two linear maps with GELU between them: <c>fc1</c> and <c>fc2</c>.</summary>
    /// <param name="hidden">Channels between them.</param>
    /// <param name="channels">Channels of the result.</param>
    public static Layer<A, A> Perceptron<A>(int hidden, int channels)
        where A : IKind => Linear<A>(hidden).Named("fc1") >> Gelu >> Linear<A>(channels).Named("fc2");
}
