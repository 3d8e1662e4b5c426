using System.Globalization;
using System.Text.Json.Serialization;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Torch;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Specs;

/// <summary>
/// How a model learns (CVPR 2019, section 4): Adam, its rate falling by a power of the time left. The defaults are the
/// paper's.
/// </summary>
/// <param name="Iterations">Steps of the optimiser.</param>
/// <param name="Batch">Samples a forward pass takes.</param>
/// <param name="LearningRate">The first step's rate.</param>
/// <param name="FinalRate">The rate that it falls to.</param>
/// <param name="Power">Of the time left; 1 is a straight line.</param>
/// <param name="Warmup">Steps over which the rate rises from 0 first.</param>
/// <param name="WeightDecay">
/// Half the factor of the squared weights of convolutions in the loss; not of biases, gains or the embedding.
/// </param>
/// <param name="BiasRate">How many times faster biases learn.</param>
/// <param name="ClipNorm">The longest that the gradient of all parameters together may be; 0: any length.</param>
/// <param name="Shards">
/// Into how many parts a batch falls, each computed on a thread of its own; a batch norm in training sees one part.
/// </param>
/// <param name="Accumulate">Forward passes whose gradients a step averages.</param>
/// <param name="Precision">Of the model while it learns; the optimiser keeps float32.</param>
/// <param name="ValidateEvery">Steps between validations; 0: only at the end.</param>
/// <param name="ValidateOn">Samples of <c>val</c> that a validation on the way takes; the first so many.</param>
/// <param name="SaveEvery">Steps between checkpoints.</param>
/// <param name="Expressions">
/// How many expressions of one picture a step takes together, so that the picture is seen once; 0: samples come in any
/// order. A batch norm in training then sees one picture at a time.
/// </param>
/// <param name="CacheFeatures">
/// Whether a frozen backbone's results are kept on disk for each picture, in bfloat16, and the backbone is run once for
/// each picture in all.
/// </param>
/// <param name="Patience">
/// After how many validations in a row without a better overall IoU training ends; 0: never before its last step.
/// </param>
/// <param name="Ema">
/// The decay of the exponential moving average of the weights, which is validated and saved beside them and with which the
/// run then answers; 0: there is none.
/// </param>
/// <param name="Protocol">How masks, words, decay, biases and answers are treated in detail.</param>
public sealed record Training(
    int Iterations = 800_000,
    int Batch = 1,
    double LearningRate = 2.5e-4,
    double FinalRate = 1e-5,
    double Power = 0.9,
    int Warmup = 0,
    double WeightDecay = 5e-4,
    double BiasRate = 2,
    double ClipNorm = 0,
    int Shards = 1,
    int Accumulate = 1,
    Precision Precision = Precision.Float32,
    int ValidateEvery = 10_000,
    int ValidateOn = 500,
    int SaveEvery = 1_000,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Expressions = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool CacheFeatures = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Patience = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] double Ema = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Protocol Protocol = default
)
{
    /// <summary>
    /// Usual settings for a model of any kind, without what is the paper's: the rate falls in a line to a hundredth, biases
    /// learn as fast as weights, nothing decays. It validates ten times, and saves as often.
    /// </summary>
    /// <param name="iterations">Steps of the optimizer.</param>
    /// <param name="batch">Samples of a step.</param>
    /// <param name="rate">The first step's learning rate.</param>
    public static Training Of(int iterations, int batch, double rate = 1e-3) =>
        new(
            iterations,
            batch,
            rate,
            FinalRate: rate / 100,
            Power: 1,
            WeightDecay: 0,
            BiasRate: 1,
            ValidateEvery: Math.Max(1, iterations / 10),
            SaveEvery: Math.Max(1, iterations / 10)
        );

    /// <summary>
    /// The rate of a step, from 0: <c>(first - final) (1 - step / iterations)^power + final</c>, times the share of the
    /// warm-up that is over.
    /// </summary>
    public double RateAt(int step) =>
        ((LearningRate - FinalRate) * Math.Pow(Math.Max(0, 1 - (double)step / Iterations), Power) + FinalRate)
        * (step < Warmup ? (step + 1.0) / Warmup : 1);

    /// <summary>How many times faster than the rate a parameter learns; 0: not at all.</summary>
    public double PaceOf(Parameter parameter) =>
        parameter.Role switch
        {
            Role.Bias => Protocol.StepOf(BiasRate),
            Role.Frozen or Role.Statistic => 0,
            _ => 1,
        };

    /// <summary>How many times as large the gradient of a parameter is made before the optimiser sees it.</summary>
    public double GradientOf(Parameter parameter) => Protocol.GradientOf(parameter, BiasRate);

    /// <summary>The decay of a parameter: of the weights of convolutions alone, and of those that the protocol names.</summary>
    public double DecayOf(Parameter parameter) => Protocol.Decays(parameter) ? WeightDecay : 0;

    /// <summary>What no training can be done with, if anything.</summary>
    public Option<Error> Problem =>
        AtLeast(1, "the number of iterations", Iterations)
        || AtLeast(1, "the number of samples in a batch", Batch)
        || (
            Shards < 1 || Batch % Shards != 0
                ? Some(
                    new Error(
                        $"batches of {Batch} in {Shards} parts",
                        "training",
                        "a number of parts that divides the batch"
                    )
                )
                : None
        )
        || AtLeast(0, "the number of expressions of a picture", Expressions)
        || (
            Expressions > 0 && Batch / Shards % Expressions != 0
                ? Some(
                    new Error(
                        $"{Expressions} expressions of a picture in parts of {Batch / Shards} samples",
                        "training",
                        $"give a batch of {Shards * Expressions} or a multiple of it"
                    )
                )
                : None
        )
        || AtLeast(0, "the patience", Patience)
        || (
            Patience > 0 && ValidateEvery == 0
                ? Some(
                    new Error(
                        $"a patience of {Patience} validations, and none on the way",
                        "training",
                        "say how many steps are between validations (--validate-every)"
                    )
                )
                : None
        )
        || (
            double.IsNaN(Ema) || Ema is < 0 or >= 1
                ? Some(
                    new Error(
                        string.Create(CultureInfo.InvariantCulture, $"a decay of averaged weights (EMA) of {Ema}"),
                        "training",
                        "give a number from 0 to below 1, such as 0.999"
                    )
                )
                : None
        )
        || AtLeast(1, "the number of batches that a step averages", Accumulate)
        || AtLeast(0, "the final rate", FinalRate)
        || AtLeast(0, "the learning rate", LearningRate)
        || (
            LearningRate == 0 || FinalRate > LearningRate
                ? Some(
                    new Error(
                        string.Create(CultureInfo.InvariantCulture, $"a rate from {LearningRate} to {FinalRate}"),
                        "training",
                        "a positive rate that does not rise"
                    )
                )
                : None
        )
        || AtLeast(0, "the power", Power)
        || AtLeast(0, "the weight decay", WeightDecay)
        || AtLeast(0, "the pace of biases", BiasRate)
        || AtLeast(0, "the longest gradient (clip)", ClipNorm)
        || AtLeast(0, "the number of steps of the warm-up", Warmup)
        || AtLeast(0, "the number of steps between validations", ValidateEvery)
        || AtLeast(1, "the number of samples of a validation", ValidateOn)
        || AtLeast(1, "the number of steps between checkpoints", SaveEvery);

    private static Option<Error> AtLeast(int least, string field, double number) =>
        double.IsFinite(number) && number >= least
            ? None
            : Some(
                new Error(
                    string.Create(CultureInfo.InvariantCulture, $"{field} is {number}"),
                    "training",
                    $"give a finite number of at least {least}"
                )
            );
}
