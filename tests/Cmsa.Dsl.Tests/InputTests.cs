using Cmsa.Dsl.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>
/// An input that is not what the model takes is one error that names it, what it is, and what the model takes.
/// </summary>
public class InputTests
{
    private static readonly Layer<Tokens, Sentence> sentence = Embedding(10, 3) >> SentenceMean;

    private static Compiled Sentences() => sentence.Compile(InputSpec.Tokens(3)).Fits();

    private static void Refused(string message, Action act) =>
        Assert.Equal(message, Assert.Throws<ArgumentException>(act).Message);

    [Theory, InlineData(10), InlineData(-1)]
    public void Word_numbers_are_of_the_vocabulary(int number)
    {
        using var module = Sentences();
        using var words = tensor(new long[] { 0, 1, 2, 0, number, 3 }, [2, 3]);
        Refused(
            $"Input tokens is word number {number} in sample 1; the model takes numbers from 0, the padding, to 9 (a vocabulary of 10).",
            () => module.Run(words)
        );
    }

    [Fact]
    public void The_last_word_of_the_vocabulary_is_taken()
    {
        using var module = Sentences();
        using var words = tensor(new long[] { 0, 1, 9 }, [1, 3]);
        module.Run(words).Dispose();
        using var narrow = words.to(int32);
        module.Run(narrow).Dispose();
    }

    [Fact]
    public void Words_are_right_aligned_where_the_last_is_asked_for()
    {
        using var last = (Embedding(10, 3) >> LastWord).Compile(InputSpec.Tokens(3)).Fits();
        using var mean = Sentences();
        using var words = tensor(new long[] { 1, 2, 0 }, [1, 3]);
        mean.Run(words).Dispose();
        Refused(
            "Input tokens is padding after the last word of sample 0; the model takes right-aligned words: "
                + "padding first, the last word at the end.",
            () => last.Run(words)
        );
    }

    [Fact]
    public void A_memory_takes_words_wherever_they_are()
    {
        using var scope = NewDisposeScope();
        foreach (var effort in Enum.GetValues<Graphs.OptimizationLevel>())
        {
            using var module = (Embedding(10, 3) >> Lstm<Words>(3) >> LastWord)
                .Compile(InputSpec.Tokens(3), new Options(Optimise: effort))
                .Fits();
            var (left, right) = (tensor(new long[] { 1, 2, 0 }, [1, 3]), tensor(new long[] { 0, 1, 2 }, [1, 3]));
            Assert.True(module.Run(left).allclose(module.Run(right), 1e-6, 1e-6));
        }
    }

    [Fact]
    public void Types_sizes_batches_and_devices_are_named()
    {
        using var scope = NewDisposeScope();
        using var module = (Conv(2, 1) * Identity<FeatureMap>())
            .Compile(InputSpec.FeatureMap(2, 3, 3) & InputSpec.FeatureMap(1, 2, 2))
            .Fits();
        var (a, b) = (zeros(2, 2, 3, 3), zeros(2, 1, 2, 2));
        module.RunAll(a, b);
        const string takes = "the model takes float32 [batch, channel 2, row 3, column 3] on cpu.";
        Refused($"Input featureMap is float64 [2, 2, 3, 3] on cpu; {takes}", () => module.RunAll(a.to(float64), b));
        Refused($"Input featureMap is float32 [2, 3, 3] on cpu; {takes}", () => module.RunAll(zeros(2, 3, 3), b));
        Refused($"Input featureMap is int64 [2, 2, 3, 3] on cpu; {takes}", () => module.RunAll(a.to(int64), b));
        Refused(
            "Input featureMap is a batch of 0; the model takes a batch of at least 1.",
            () => module.RunAll(zeros(0, 2, 3, 3), zeros(0, 1, 2, 2))
        );
        Refused(
            "Input featureMap_2 is a batch of 1; the model takes a batch of 2, as the inputs before it.",
            () => module.RunAll(a, zeros(1, 1, 2, 2))
        );
        Refused($"Input featureMap is null; {takes}", () => module.RunAll(null!, b));
        var gone = zeros(2, 2, 3, 3);
        gone.Dispose();
        Refused($"Input featureMap is a tensor that was disposed; {takes}", () => module.RunAll(gone, b));
        Assert.Contains(
            "The model takes 2 tensors (featureMap [",
            Assert.Throws<ArgumentException>(() => module.RunAll(a)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_batch_of_none_is_refused_by_a_memory_too()
    {
        using var module = Lstm<Words>(2).Compile(InputSpec.Words(3, 2)).Fits();
        using var none = zeros(0, 3, 2);
        using var present = zeros([0, 3], ScalarType.Bool);
        Refused("Input words is a batch of 0; the model takes a batch of at least 1.", () => module.Run(none, present));
    }

    [Fact]
    public void A_disposed_module_says_so()
    {
        var module = Sentences();
        module.Dispose();
        module.Dispose();
        using var words = tensor(new long[] { 1, 2, 3 }, [1, 3]);
        Refused("The module is disposed, and takes no inputs any more.", () => module.Run(words));
    }

    [Fact]
    public void A_batch_norm_does_not_train_on_one_value()
    {
        using var scope = NewDisposeScope();
        var layer = AdaptiveAveragePool(1) >> Conv(2, 1) >> BatchNorm();
        using var module = layer.Compile(InputSpec.FeatureMap(2, 4, 4), new Options(Training: true)).Fits();
        var one = zeros(1, 2, 4, 4);
        var message = Assert.Throws<ArgumentException>(() => module.Run(one)).Message;
        Assert.Equal(
            "The batch norm norm would train on one value per channel: a batch of 1, each sample [2, 1, 1]. "
                + "Give each shard at least 2 samples (a larger batch, or fewer shards), or freeze the norm.",
            message
        );
        Assert.All(module.named_buffers(), b => Assert.True(b.buffer.isfinite().all().item<bool>()));
        module.Run(zeros(2, 2, 4, 4));
        module.eval();
        module.Run(one);
    }
}
