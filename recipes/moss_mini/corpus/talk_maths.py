"""The mathematics that MOSS refuses, in English and Chinese: calculus, matrices, proofs, primes, algebra.

These lie closest to what it can do, so they are many, and their formulas are drawn anew each time (talk.py).
"""

from recipes.moss_mini.corpus.talk_words import Talk, words

# Formulas of talk.py: a, b, c and d are small coefficients, k is larger, r a sign of inequality.
FUNCTIONS = words("""
    x^{a} | sin(x) | cos x | sin x | tan x | ln x | ln(x) | e^x | e^({a}x) | {a}x^{b} | x^{a} + {b}x
    {a}x^2 - {b}x + {c} | 1/x | sqrt(x) | x sin x | f(x) = x^{a} | x^2 | log(x) | x^{a} e^x | f(x)={a}x^2+{b}
    sin({a}x) | x/(x+{a}) | y = {a}x^3 | (x+{a})^{b} | sin x / x | arctan x | cos({a}x + {b}) | x ln x | x²
    x³ + {a}""")
INEQUALITIES = words("""
    {a}x + {b} {r} {k} | {a}x+{b}{r}{k} | x + {a} {r} {k} | {a}x {r} {k} | x^2 {r} {k} | x^2 - {a}x {r} {b}
    {a}x - {b} {r} {c}x + {k} | x^2-{a}x+{b}{r}0 | {a} - x {r} {b} | x/{a} {r} {k} | {a}(x - {b}) {r} {c}
    x - {a} {r} {b} | {a}x+{b} {r} x | {a}y - {b} {r} {k} | x² + {a}x {r} {k} | {a} {r} {b}x + {c}""")
LINEAR = words("""
    {a}x + {b} = {k} | {a}x+{b}={k} | x + {a} = {k} | {a}x = {k} | {a}x - {b} = {c}x + {k} | x/{a} = {b} | x-{a}={k}
    {a}(x + {b}) = {k} | {a}y - {b} = {k}""")
QUADRATIC = words("""
    x^2 - {a}x + {b} = 0 | x^2 = {k} | x^2+{a}x-{k}=0 | {a}x^2 + {b}x - {c} = 0 | x² - {a}x = {b} | x^2-{a}x+{b}=0""")
SYSTEM = words("""
    x + y = {k}, x - y = {a} | x+y={k}, {a}x-{b}y={c} | {a}x + {b}y = {k}, x - y = {c} | 2x+y={k}; x-y={a}""")

MATHS_EN = (
    Talk(
        "maths",
        words("""
        what is the integral of {function}? | integrate {function} | integrate {function} from {digit} to {n}
        find the integral of {function} | compute the integral of {function} dx | what is the derivative of {function}?
        differentiate {function} | find the derivative of {function} | d/dx {function} | derive {function}
        what is the second derivative of {function}? | antiderivative of {function}
        limit of {function} as x goes to {digit} | what is the limit of {function} when x goes to infinity?
        lim x->0 {function} | find the maximum of {function} | plot {function} | draw the graph of {function}
        find the inverse of {function} | expand {function} in a Taylor series
        solve the differential equation y' = {function} | what is the gradient of {function}?
        is {function} continuous? | find the tangent of {function} at x = {digit}
        prove that the square root of {digit} is irrational | prove the Pythagorean theorem
        prove that there are infinitely many primes | prove Fermat's last theorem | prove that 1 + 1 = 2
        can you prove this theorem? | prove {function} is increasing | give me a proof by induction
        what is the determinant of {matrix}? | invert the matrix {matrix} | find the eigenvalues of {matrix}
        multiply the matrices {matrix} and {matrix} | what is the rank of {matrix}? | transpose {matrix}
        what is a matrix? | what is an eigenvalue? | explain linear algebra | do a linear regression
        what is the standard deviation of {series}? | find the variance of {series} | what is the p-value?
        do a t-test | what is the correlation of my data? | what is the normal distribution? | fit a line to {series}
        test my hypothesis | what is a confidence interval? | what is the probability of rolling a {digit}?
        what are the odds of winning the lottery? | what is a prime number? | what is the Riemann hypothesis?
        what is calculus? | explain algebra | what is a logarithm? | what is a derivative? | what is a theorem?
        what is trigonometry? | what is a vector? | who invented zero? | is zero a number?
        why can't you divide by zero? | why do we learn math? | what is infinity? | what is the largest prime?
        list the primes up to {n} | give me the first {n} primes | is math hard? | what is the Fibonacci sequence?
        what is the golden ratio? | what is set theory? | simplify the boolean expression A and (A or B)
        make a truth table | what comes next in the sequence {series}? | continue the sequence {series} | teach me math
        teach me algebra | teach me calculus | explain the quadratic formula | what is the Pythagorean theorem?
        explain fractions to me"""),
        words("""
        That kind of mathematics is beyond me: no calculus, matrices, statistics or proofs.
        I am sorry, calculus, matrices, proofs and theory are out of my reach."""),
        words("The user asks for mathematics that is beyond me."),
        4,
    ),
    Talk(
        "inequality",
        words("""
        solve {inequality} | {inequality} | solve the inequality {inequality} | for which x is {inequality}?
        find all x with {inequality} | what is the solution of {inequality}? | can you solve {inequality}?
        when is {inequality}? | solve for x: {inequality} | please solve {inequality} | which x satisfy {inequality}?
        solve this inequality: {inequality} | can you solve inequalities? | I need help with inequalities
        how do I solve inequalities? | find x such that {inequality} | for what values of x does {inequality} hold?"""),
        words("Inequalities are beyond me, I am sorry. | I solve equations, but no inequalities."),
        words("This is an inequality, which is beyond me."),
        2,
    ),
    Talk(
        "algebra",
        words("""
        expand (x + {digit})(x - {digit}) | expand (x+{digit})^2 | factor x^2 - {n}x + {digit} | factorise x^2 + {n}x
        factor {n}x + {n}y | simplify {digit}x + {digit}x | simplify {n}x - {digit}x + {digit}
        complete the square of x^2 + {digit}x | make x the subject of y = {digit}x + {digit}
        rearrange v = u + at for t | multiply out (x + {digit})({digit}x - {digit}) | is {n} a prime number?
        is {n} prime? | is {n} a prime? | what are the prime factors of {n}? | factorize {n}
        what are the divisors of {n}? | list the factors of {n} | what is the gcd of {n} and {n}?
        greatest common divisor of {n} and {n} | lcm of {n} and {n} | least common multiple of {n} and {n}
        what's the median of {series}? | find the mode of {series} | write {n} in roman numerals
        what is {n} in binary? | convert {n} to binary | {n} in hexadecimal | convert {n} to hex
        what is the {nth} prime? | what is the {nth} Fibonacci number? | write {n} in words
        how do you write {n} in words? | what does XIV mean in roman numerals?
        in how many ways can I arrange {digit} books? | what is {n} choose {digit}? | is {n} even or odd?
        is {n} a perfect number? | give me a random number | sort {series} | sort these numbers: {series}
        what is i squared? | factor the polynomial x^3 - {digit}x"""),
        words("""
        Rearranging formulas, primes, divisors and number systems are beyond me.
        I am sorry, I did not learn that kind of mathematics."""),
        words("The user asks for mathematics that I did not learn."),
        2,
    ),
    Talk(
        "equation_kind",
        words("""
        can you solve trigonometric equations? | can you solve differential equations? | solve a differential equation
        solve the differential equation y'' + {digit}y = 0 | solve dy/dx = {digit}x | can you solve a PDE?
        what is x if x! = {n}? | can you solve integral equations?
        can you solve systems of differential equations?"""),
        words("""
        That kind of equation is beyond me, I am sorry.
        I am sorry, I cannot solve equations of that kind."""),
        words("The user asks for a kind of equation that I did not learn."),
        1.5,
    ),
)

MATHS_ZH = (
    Talk(
        "maths",
        words("""
        {function}的积分是多少|求{function}的积分|求{function}的不定积分|计算{function}从{digit}到{n}的定积分
        对{function}积分|{function}的导数是什么|求{function}的导数|求导{function}|对{function}求导|{function}的二阶导数
        {function}的原函数|x趋于{digit}时{function}的极限|求极限{function}|x趋于无穷时{function}的极限是多少
        求{function}的最大值|求{function}的单调区间|求{function}的极值|画{function}的图像|{function}的反函数是什么
        把{function}泰勒展开|解微分方程y' = {function}|{function}连续吗|求{function}在x={digit}处的切线
        证明根号{digit}是无理数|证明勾股定理|证明素数有无穷多个|证明费马大定理|证明1+1=2|怎么证明这个定理
        证明{function}是增函数|用数学归纳法证明|矩阵{matrix}的行列式是多少|求矩阵{matrix}的逆|求{matrix}的特征值
        {matrix}的秩是多少|矩阵相乘{matrix}和{matrix}|什么是矩阵|什么是特征值|解释线性代数|做线性回归
        {series}的标准差是多少|求{series}的方差|什么是p值|做t检验|什么是正态分布|拟合{series}|什么是置信区间
        掷骰子得{digit}的概率是多少|中彩票的概率是多大|什么是质数|黎曼猜想是什么|哥德巴赫猜想是什么|什么是微积分
        解释代数|什么是对数|什么是导数|什么是定理|什么是三角函数|什么是向量|谁发明了零|零是不是数|为什么不能除以零
        为什么要学数学|什么是无穷|最大的质数是多少|列出{n}以内的质数|前{n}个质数是什么|数学难吗|斐波那契数列是什么
        黄金分割是什么|什么是集合论|化简布尔表达式A且(A或B)|画真值表|{series}下一个数是什么|找规律：{series}|教我数学
        教我代数|教我微积分|讲讲求根公式|什么是勾股定理|鸡兔同笼是什么|讲解分数|什么是排列组合|sin和cos是什么"""),
        words("""
        这样的数学超出了我的能力：微积分、矩阵、统计和证明我都不会。|抱歉，微积分、矩阵、证明和理论我都不会。"""),
        words("用户问的数学超出了我的能力。"),
        4,
    ),
    Talk(
        "inequality",
        words("""
        解不等式{inequality} | 解不等式 {inequality} | {inequality} | 求{inequality}的解集 | {inequality}的解集是什么
        {inequality}怎么解 | x取什么值时{inequality} | {inequality}，求x的范围 | 求x的取值范围：{inequality}
        你能解{inequality}吗 | 解{inequality} | 求解{inequality} | 请解{inequality} | 帮我解不等式{inequality}
        哪些x满足{inequality} | 你会解不等式吗 | 不等式怎么解 | 能帮我解不等式吗 | 什么时候{inequality}
        解下面的不等式：{inequality}"""),
        words("抱歉，不等式我不会解。|我会解方程，但不会解不等式。"),
        words("这是不等式，超出了我的能力。"),
        2,
    ),
    Talk(
        "algebra",
        words("""
        展开(x+{digit})(x-{digit})|展开(x+{digit})^2|因式分解x^2-{n}x+{digit}|把x^2+{n}x因式分解|分解因式{n}x+{n}y
        化简{digit}x+{digit}x|化简{n}x-{digit}x+{digit}|把x^2+{digit}x配方|{n}是质数吗|{n}是素数吗|{n}是不是质数
        {n}的质因数有哪些|把{n}分解质因数|{n}的因数有哪些|{n}有几个约数|{n}和{n}的最大公约数是多少
        求{n}和{n}的最大公因数|{n}和{n}的最小公倍数是多少|求{n}、{n}的最小公倍数|{series}的中位数是多少
        求{series}的众数|{n}用罗马数字怎么写|{n}的二进制是多少|把{n}转成二进制|{n}转十六进制|第{n}个质数是多少
        斐波那契数列第{n}项是多少|{n}用大写怎么写|{n}的中文大写|{digit}本书有几种排法|从{n}个里选{digit}个有几种选法
        {n}是奇数还是偶数|{n}是完全数吗|给我一个随机数|把{series}从小到大排列|给这些数排序：{series}|i的平方是什么
        因式分解x^3-{digit}x"""),
        words("公式变形、质数、约数和进制我都不会。|抱歉，这类数学我没有学过。"),
        words("用户问的数学我没有学过。"),
        2,
    ),
    Talk(
        "equation_kind",
        words("""
        你会解三角方程吗|你会解微分方程吗|解微分方程dy/dx = {digit}x|你会解偏微分方程吗|解一个微分方程|你会解积分方程吗
        微分方程怎么解|x! = {n}，x是多少"""),
        words("抱歉，这类方程我不会解。|抱歉，我没有学过这类方程，解不了。"),
        words("用户问的方程我没有学过。"),
        1.5,
    ),
)
