using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>The words of the language: <c>using static Cmsa.Dsl.Syntax;</c> and an architecture reads like the paper.</summary>
public static partial class Syntax
{
    /// <summary>max(x, 0).</summary>
    public static Pointwise Relu { get; } = x => new Scalar.Call(Function.Relu, x);

    /// <summary>1 / (1 + e^-x).</summary>
    public static Pointwise Sigmoid { get; } = x => new Scalar.Call(Function.Sigmoid, x);

    /// <summary>The hyperbolic tangent.</summary>
    public static Pointwise Tanh { get; } = x => new Scalar.Call(Function.Tanh, x);

    /// <summary>e^x.</summary>
    public static Pointwise Exp { get; } = x => new Scalar.Call(Function.Exp, x);

    /// <summary>Gives back what it gets.</summary>
    public static Layer<A, A> Identity<A>() => new Identity<A>();

    /// <summary><c>x + f x</c>: <c>Identity + f</c>.</summary>
    public static Layer<A, A> Residual<A>(Layer<A, A> f) => new Identity<A>() + f;

    /// <inheritdoc cref="Dsl.Conv"/>
    public static Conv Conv(int channels, int kernel, int stride = 1, int dilation = 1, int groups = 1, bool bias = true) =>
        new(channels, kernel, stride, dilation, groups, bias);

    /// <inheritdoc cref="Dsl.ConvTranspose"/>
    public static ConvTranspose ConvTranspose(int channels, int kernel, int stride = 2, int padding = 0) => new(channels, kernel, stride, padding);

    /// <inheritdoc cref="Dsl.Linear{A}"/>
    public static Linear<A> Linear<A>(int channels, bool bias = true) where A : IKind => new(channels, bias);

    /// <inheritdoc cref="Dsl.BatchNorm"/>
    public static BatchNorm BatchNorm(bool frozen = false) => new(frozen);

    /// <summary>The greatest of a sliding window.</summary>
    public static Pool MaxPool(int kernel, int stride, int padding = 0) => new(Programs.Reduction.Max, kernel, stride, padding);

    /// <summary>The mean of a sliding window.</summary>
    public static Pool AveragePool(int kernel, int stride, int padding = 0) => new(Programs.Reduction.Mean, kernel, stride, padding);

    /// <summary>The mean of each bin of a grid of <c>bins x bins</c>.</summary>
    public static AdaptivePool AdaptiveAveragePool(int bins) => new(Programs.Reduction.Mean, bins, bins);

    /// <summary>The mean over all places.</summary>
    public static GlobalPool GlobalAverage { get; } = new(Programs.Reduction.Mean);

    /// <inheritdoc cref="Dsl.Embedding"/>
    public static Embedding Embedding(int vocabulary, int channels) => new(vocabulary, channels);

    /// <inheritdoc cref="Dsl.Dropout{A}"/>
    public static Dropout<A> Dropout<A>(double probability) => new(probability);

    /// <inheritdoc cref="Dsl.Lstm{A}"/>
    public static Lstm<A> Lstm<A>(int hidden) where A : IKind => new(hidden);

    /// <summary>The state of <see cref="Lstm{A}"/> after the last word.</summary>
    public static LastOfWords LastWord { get; } = new();

    /// <summary>The map of <see cref="Lstm{A}"/> after the last word.</summary>
    public static LastOfMaps LastMap { get; } = new();

    /// <inheritdoc cref="Dsl.SentenceAsWord"/>
    public static SentenceAsWord AsWord { get; } = new();

    /// <summary>The mean over the words that are there (CVPR 2019, equation 4).</summary>
    public static WordPool WordMean { get; } = new(Programs.Reduction.Mean);

    /// <summary>The greatest over the words that are there.</summary>
    public static WordPool WordMax { get; } = new(Programs.Reduction.Max);

    /// <summary>The mean of the words' vectors.</summary>
    public static SentencePool SentenceMean { get; } = new(Programs.Reduction.Mean);

    /// <inheritdoc cref="Dsl.Normalise{A}"/>
    public static Normalise<A> Normalise<A>() where A : IKind => new();

    /// <inheritdoc cref="Dsl.MultimodalFeature"/>
    public static MultimodalFeature Multimodal { get; } = new();

    /// <inheritdoc cref="Dsl.SelfAttention"/>
    public static SelfAttention SelfAttention(int width, Over over = Over.All, int heads = 1) => new(width, over, heads);

    /// <inheritdoc cref="Dsl.CrossTermAttention"/>
    public static CrossTermAttention CrossTermAttention(int width, int word) => new(width, word);

    /// <inheritdoc cref="Dsl.PooledAttention"/>
    public static PooledAttention PooledAttention(int width, Over over = Over.All) => new(width, over);

    /// <inheritdoc cref="Dsl.Upsample"/>
    public static Upsample Upsample(int size) => new(size, size);

    /// <inheritdoc cref="Dsl.Upsample"/>
    public static Upsample Upsample(int rows, int columns) => new(rows, columns);

    /// <inheritdoc cref="Dsl.Resize"/>
    public static Resize Resize(int rows, int columns) => new(rows, columns);

    /// <inheritdoc cref="Dsl.ResizeToSecond"/>
    public static ResizeToSecond ResizeLike { get; } = new();

    /// <inheritdoc cref="Dsl.Join{A}"/>
    public static Join<A> Join<A>() where A : IKind => new();

    /// <summary>What several layers make of one argument, channels after channels.</summary>
    public static Layer<A, B> Concat<A, B>(params Many<Layer<A, B>> parts) where B : IKind =>
        parts.Tail.Fold(parts.Head, (joined, next) => (joined & next) >> new Join<B>());

    /// <inheritdoc cref="Dsl.AppendPositions"/>
    public static AppendPositions WithPositions { get; } = new();

    /// <inheritdoc cref="Dsl.Chunk"/>
    public static Chunk Chunk(int index, int count) => new(index, count);

    /// <inheritdoc cref="Dsl.Gain{A}"/>
    public static Gain<A> Gain<A>(double initial = 1) => new(initial);

    /// <inheritdoc cref="Dsl.PixelMap"/>
    public static PixelMap Pixels { get; } = new();

    /// <inheritdoc cref="Dsl.Pick{A}"/>
    public static Pick<FeatureMap> Pick(string level) => new(level);

    /// <inheritdoc cref="Dsl.EachWord"/>
    public static EachWord EachWord(Layer<FeatureMap, FeatureMap> f) => new(f);

    /// <summary>The same layer on every level, each with weights of its own under the level's name.</summary>
    /// <param name="f">What every level gets.</param>
    /// <param name="specials">What some levels get in its place, by name.</param>
    public static Layer<Levels<A>, Levels<B>> EachLevel<A, B>(Layer<A, B> f, params Many<(string Level, Layer<A, B> Body)> specials) =>
        new EachLevel<A, B>(f, specials.Map(s => new Special<A, B>(s.Level, s.Body)));

    /// <summary>The same layer on every level beside one signal that all of them get, such as the words.</summary>
    /// <inheritdoc cref="EachLevel{A, B}(Layer{A, B}, Many{ValueTuple{string, Layer{A, B}}})"/>
    public static Layer<(Levels<A>, B), Levels<C>> EachLevel<A, B, C>(Layer<(A, B), C> f, params Many<(string Level, Layer<(A, B), C> Body)> specials) =>
        new Distribute<A, B>() >> new EachLevel<(A, B), C>(f, specials.Map(s => new Special<(A, B), C>(s.Level, s.Body)));
}
