namespace Cmsa;

/// <summary>The scalar functions that every target knows.</summary>
public enum Function
{
    /// <summary>-x.</summary>
    Negate,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>1 / (1 + e^-x), in (0, 1).</summary>
    Sigmoid,

    /// <summary>The hyperbolic tangent, in (-1, 1).</summary>
    Tanh,

    /// <summary>e^x.</summary>
    Exp,

    /// <summary>The natural logarithm.</summary>
    Log,

    /// <summary>1 / x.</summary>
    Reciprocal,

    /// <summary>1 / sqrt(max(x, 1e-12)): the inverse of a norm, safe at 0.</summary>
    InverseRoot,

    /// <summary>x^2.</summary>
    Square,

    /// <summary>The square root; not a number below 0.</summary>
    Sqrt,

    /// <summary>The magnitude, |x|.</summary>
    Abs,

    /// <summary>The error function, in (-1, 1).</summary>
    Erf,
}
