"""The families of word problems of `equation_wide.py`, and the lists of their people and things."""

LISTS = {
    "names_en": "Tom Anna Ben Lisa Max Emma Sam Mia Paul Julia Peter Kate John Mary Alice Bob Leo Nina Jack Sara Omar Lucy David Eva Adam Amy Carlos Zoe Ali Grace Rosa Ivan Priya Kenji Fatima Noah Olga Hugo Marta Yusuf",
    "names_zh": "小明 小红 小华 小刚 小丽 小强 小芳 小军 小李 小王 小张 张三 李四 妹妹 哥哥 小美 小林 小亮 小英 王明 李华 丽丽 乐乐 小东 老王 陈老师 阿强 婷婷 小杰 刘叔叔",
    "shop": "pen,pens,支,钢笔;pencil,pencils,支,铅笔;book,books,本,书;notebook,notebooks,本,笔记本;apple,apples,个,苹果;banana,bananas,根,香蕉;pear,pears,个,梨;orange,oranges,个,橙子;coffee,coffees,杯,咖啡;tea,teas,杯,茶;cup,cups,个,杯子;plate,plates,个,盘子;shirt,shirts,件,衬衫;hat,hats,顶,帽子;chair,chairs,把,椅子;table,tables,张,桌子;cake,cakes,个,蛋糕;ball,balls,个,球;bottle,bottles,个,瓶子;sandwich,sandwiches,个,三明治;burger,burgers,个,汉堡;ruler,rulers,把,尺子;eraser,erasers,块,橡皮;bag,bags,个,书包;toy,toys,个,玩具;muffin,muffins,个,松饼;soccer ball,soccer balls,个,足球;basketball,basketballs,个,篮球;lamp,lamps,盏,台灯;brush,brushes,把,刷子;bun,buns,个,包子;egg,eggs,个,鸡蛋;melon,melons,个,西瓜;peach,peaches,个,桃子;lemon,lemons,个,柠檬;mug,mugs,个,马克杯;towel,towels,条,毛巾;pillow,pillows,个,枕头;battery,batteries,节,电池;candle,candles,支,蜡烛;ticket,tickets,张,门票;stamp,stamps,张,邮票;postcard,postcards,张,明信片;juice,juices,杯,果汁;pizza,pizzas,个,披萨;brick,bricks,块,砖;plank,planks,块,木板;rose,roses,枝,玫瑰;tulip,tulips,枝,郁金香;glove,gloves,副,手套;racket,rackets,副,球拍;cable,cables,根,数据线;mouse pad,mouse pads,个,鼠标垫;folder,folders,个,文件夹;magazine,magazines,本,杂志;dumpling,dumplings,个,饺子",
    "owned": "marble,marbles,颗,弹珠;sticker,stickers,张,贴纸;book,books,本,书;apple,apples,个,苹果;card,cards,张,卡片;coin,coins,枚,硬币;stamp,stamps,张,邮票;sweet,sweets,颗,糖;candy,candies,块,糖果;pencil,pencils,支,铅笔;toy,toys,个,玩具;balloon,balloons,个,气球;point,points,分,积分;cookie,cookies,块,饼干;egg,eggs,个,鸡蛋;shell,shells,个,贝壳;nut,nuts,个,核桃;photo,photos,张,照片;bead,beads,颗,珠子;ticket,tickets,张,票;peach,peaches,个,桃子;brick,bricks,块,砖;screw,screws,颗,螺丝;flower,flowers,朵,花",
    "wheels": "bicycles,自行车,2;bikes,单车,2;motorcycles,摩托车,2;scooters,电动车,2;tricycles,三轮车,3;rickshaws,人力三轮车,3;three-wheelers,三轮车,3;cars,小轿车,4;cars,汽车,4;vans,面包车,4;taxis,出租车,4;small trucks,小货车,6;buses,大客车,6;lorries,六轮卡车,6;trucks,八轮卡车,8;trailers,拖车,8;heavy trucks,大货车,8;tricycles,三轮车,3;motorbikes,两轮摩托车,2",
    "legs": "chickens,鸡,2;ducks,鸭子,2;geese,鹅,2;ostriches,鸵鸟,2;cranes,鹤,2;rabbits,兔子,4;cows,牛,4;sheep,羊,4;goats,山羊,4;pigs,猪,4;horses,马,4;dogs,狗,4;cats,猫,4;turtles,乌龟,4;beetles,甲虫,6;ants,蚂蚁,6;dragonflies,蜻蜓,6;grasshoppers,蚂蚱,6;spiders,蜘蛛,8;octopuses,章鱼,8;crabs,螃蟹,10",
    "kinds": "adult,adults,位,成人;child,children,个,儿童;student,students,名,学生;teacher,teachers,名,老师;senior,seniors,位,老人;member,members,名,会员;guest,guests,位,客人;visitor,visitors,位,游客;kid,kids,个,小孩;parent,parents,位,家长",
}

FAMILIES = """
@ 9 | {a}x-{b}=x+{c} | a=2..9 x=2..60 b=1..40 c=a*x-b-x !c>0
en
= the number
* {a} times a number, minus {b}, [equals|is|gives] the number plus {c}. [Determine|Find|What is] the number[.|]
* {a} times a number minus {b} [equals|is equal to|is] {c} more than the number. [What is the number?|Find it.|Which number is it?]
* If {b} is [subtracted|taken away] from {a} times a number, the result is {c} more than the number. What is the number?
* I multiply my number by {a} and take away {b}. That is the same as adding {c} to it. What is my number?
* A number multiplied by {a} and reduced by {b} equals the number increased by {c}. Find the number.
* [Subtracting|Taking] {b} from {a} times a number [gives|leaves] the number plus {c}. Which number?
* Find the number for which {a} times it less {b} is the same as itself plus {c}.
* {b} less than {a} times a number is {c} more than the number itself. What is it?
> The number is {x}. / It is {x}. / {x}. / The number: {x}.
zh
= 这个数
* [某数|一个数]的{a}倍减{b}[等于|正好等于]这个数加{c}，[求这个数|这个数是多少|某数是几]？
* [某数|一个数]的{a}倍减去{b}，[和|与][它|这个数]加上{c}相等，这个数是多少？
* 一个数乘{a}再减{b}，[等于|得到的数等于]它本身加{c}，求这个数。
* 我想了一个数，它的{a}倍少{b}，恰好比它自己多{c}，[我想的数是几|这个数是多少]？
* 一个数扩大到{a}倍后减去{b}，比原数多{c}，原数是多少？
* 比某数的{a}倍少{b}的数等于比某数多{c}的数，求某数。
* {a}倍的某数减{b}，等于某数加{c}，某数是多少？
> 这个数是{x}。 / 是{x}。 / 某数是{x}。

@ 4 | 2x-{b}=x+{c} | x=2..60 b=1..40 c=x-b !c>0
en
= the number
* Twice a number, minus {b}, [equals|is|gives] the number plus {c}. [Determine the number.|Find the number.|What is the number?]
* [Double|Two times] a number less {b} is [the same as|equal to] the number and {c}. What is it?
* Doubling a number and subtracting {b} gives {c} more than the number. What is the number?
* {b} less than twice a number is {c} more than the number. Find the number.
* If I double my number and take off {b}, I get my number plus {c}. Which number did I pick?
> The number is {x}. / It is {x}. / {x}.
zh
= 这个数
* 一个数的[两倍|2倍]减{b}等于这个数加{c}，[求这个数|这个数是多少]？
* 某数的[两倍|2倍]减去{b}，[和|跟]它加{c}[相等|一样大]，某数是几？
* 把一个数翻倍再减{b}，比原来多{c}，原来的数是多少？
* 一个数的2倍少{b}，正好是这个数多{c}，这个数是几？
> 这个数是{x}。 / 是{x}。

@ 8 | {a}x=x+{c} | a=2..15 x=2..60 c=a*x-x
en
= the number
* {a} times a number is {c} more than the number itself. [What is the number?|Find the number.|Find it.]
* A number multiplied by {a} is {c} [greater|larger|bigger] than the number. [What is it?|Which number is it?]
* When I multiply a number by {a} it [grows|increases|goes up] by {c}. What is the number?
* {a} times a number exceeds the number by {c}. [Determine the number.|What is it?]
* If a number is made {a} times as large, it becomes {c} more. What was it?
* {a} times some number equals that number plus {c}. Find the number.
* The difference between {a} times a number and the number is {c}. What's the number?
* I take {a} times my number and get {c} more than I started with. What did I start with?
> The number is {x}. / It is {x}. / {x}.
zh
= 这个数
* [某数|一个数]的{a}倍比[它本身|它自己|这个数|原数|它]多{c}，[某数是几|求这个数|这个数是多少]？
* [某数|一个数]的{a}倍比[它|自身]大{c}，[这个数是多少|某数是多少]？
* 一个数乘{a}以后[增加了|多了]{c}，[原数|这个数|原来的数]是多少？
* 一个数扩大到原来的{a}倍，比原数多{c}，求原数。
* 某数的{a}倍等于它加{c}，求某数。
* 有一个数，它的{a}倍超过它{c}，[这个数是几|求它]？
* {a}倍的某数比某数多{c}，某数是多少？
* 一个数与它的{a}倍相差{c}，这个数是多少？
> 这个数是{x}。 / 某数是{x}。 / 是{x}。

@ 7 | x+x/{a}={c} | a=3..9 k=1..20 x=a*k c=x+k
en
= the number
* A number [increased by|plus] 1/{a} of itself is {c}. [What is the number?|Find the number.]
* If you add 1/{a} of a number to the number, you get {c}. What is it?
* A number and 1/{a} of it add up to {c}. Which number?
* The sum of a number and its {o} part is {c}. Find the number.
* [Adding|I add] one {o} of a number to the number itself [gives|and get] {c}. What is the number?
> The number is {x}. / It is {x}. / {x}.
zh
= 这个数
* 一个数加上它的{a}分之一[等于|是|得]{c}，[这个数是多少|求这个数]？
* 某数与它的1/{a}[之和|的和]是{c}，[某数是几|求某数]？
* 一个数增加它的{a}分之一后是{c}，原来是多少？
* 一个数和它的{a}分之一合起来是{c}，这个数是几？
> 这个数是{x}。 / 是{x}。

@ 5 | x+x/2={c} | k=1..40 x=2*k c=x+k
en
= the number
* A number increased by half of itself is {c}. [What is it?|Find it.]
* A number and its half [together make|add up to|sum to] {c}. What is the number?
* If I add half of my number to it I get {c}. What's my number?
* Half a number plus the number is {c}. Which number?
> The number is {x}. / It is {x}.
zh
= 这个数
* 一个数加上它的一半[等于|是]{c}，这个数是多少？
* 某数与它的一半之和为{c}，求某数。
* 一个数和它的一半合起来是{c}，求这个数。
> 这个数是{x}。 / 是{x}。

@ 5 | x+x/3={c} | k=1..30 x=3*k c=x+k
en
= the number
* A number increased by a third of itself is {c}. [What is it?|Find the number.|Find it.]
* A number and a third of it [together make|add up to|total] {c}. What is the number?
* If a third of a number is added to the number, the [result|total] is {c}. What is the number?
* The sum of a number and one third of it is {c}. Which number is it?
> The number is {x}. / It is {x}.
zh
= 这个数
* 一个数加上它的三分之一[等于|是]{c}，这个数是多少？
* 某数增加它的三分之一是{c}，求某数。
* 一个数和它的三分之一的和是{c}，这个数是几？
> 这个数是{x}。 / 是{x}。

@ 3 | x+x/4={c} | k=1..30 x=4*k c=x+k
en
= the number
* A number increased by a quarter of itself is {c}. [What is it?|Find it.]
* A number plus a quarter of itself [makes|gives|is] {c}. What is the number?
> The number is {x}. / It is {x}.
zh
= 这个数
* 一个数加上它的四分之一等于{c}，这个数是多少？
* 某数与它的四分之一的和是{c}，求某数。
> 这个数是{x}。 / 是{x}。

@ 6 | x/2-{b}={c} | c=1..40 b=1..20 x=2*c+2*b
en
= the number
* Half of a number minus {b} [is|equals|gives] {c}. [What is the number?|Find the number.]
* {b} less than half of a number is {c}. What is it?
* If I halve my number and take away {b}, I get {c}. What is my number?
* A number is halved, then {b} is subtracted, leaving {c}. What was the number?
* When half a number is reduced by {b} the result is {c}. Find the number.
> The number is {x}. / It is {x}.
zh
= 这个数
* 一个数的一半减{b}[等于|是|得]{c}，[这个数是多少|求这个数]？
* 某数的一半[减去|少]{b}是{c}，某数是几？
* 一个数除以2再减{b}得{c}，求这个数。
* 比一个数的一半少{b}的数是{c}，这个数是多少？
* 我把一个数平分成两半，拿走{b}后剩{c}，原来的数是几？
> 这个数是{x}。 / 是{x}。

@ 4 | x/{a}-{b}={c} | a=3..9 c=1..20 b=1..15 x=a*(b+c)
en
= the number
* [One {o}|1/{a}] of a number minus {b} is {c}. What is the number?
* A number is divided by {a}, then {b} is subtracted, giving {c}. [What is the number?|Find it.]
* Dividing a number by {a} and taking away {b} [leaves|gives] {c}. What was the number?
* {b} less than a number over {a} is {c}. Find the number.
> The number is {x}. / It is {x}.
zh
= 这个数
* 一个数的{a}分之一减{b}等于{c}，[这个数是多少|求这个数]？
* 某数除以{a}，再减去{b}，[得|结果是|等于]{c}，某数是几？
* 一个数的1/{a}少{b}是{c}，求这个数。
> 这个数是{x}。 / 是{x}。

@ 6 | (x+{b})/{a}={c} | a=2..9 c=2..30 b=1..40 x=a*c-b !x>0
en
= the number
* If you add {b} to a number and divide by {a} you get {c}. What's the number?
* Add {b} to a number, divide the sum by {a}, and the result is {c}. [Find the number.|What is the number?]
* I add {b} to my number, then divide by {a}. I get {c}. What was my number?
* A number plus {b}, all divided by {a}, [is|equals] {c}. Which number is it?
* {b} is added to a number. One {o} of the sum is {c}. What is the number?
* The sum of a number and {b}, divided by {a}, gives {c}. What is it?
* Adding {b} and then dividing by {a} turns my number into {c}. What is it?
> The number is {x}. / It is {x}. / {x}.
zh
= 这个数
* 一个数加上{b}，再除以{a}，[得到|等于|得|结果是]{c}，[求这个数|原来的数是多少|这个数是几]？
* 某数加{b}的和除以{a}[等于|是]{c}，求某数。
* 我心里想一个数，加{b}后除以{a}，得{c}，我想的是几？
* 把一个数加上{b}，平均分成{a}份，每份是{c}，这个数是多少？
> 这个数是{x}。 / 原来的数是{x}。 / 是{x}。

@ 6 | {a}(x-{b})={c} | a=2..9 k=2..40 b=1..40 x=b+k c=a*k
en
= the number
* Subtract {b} from a number, then multiply by {a}: you get {c}. What is the number?
* If {b} is taken from a number and the result is multiplied by {a}, we get {c}. Find the number.
* I take {b} away from my number and multiply what is left by {a}. The result is {c}. What is my number?
* A number minus {b}, and that difference times {a}, makes {c}. Which number?
* First I subtract {b}, then I multiply by {a}, and I end up with {c}. Where did I start?
> The number is {x}. / It is {x}. / {x}.
zh
= 这个数
* 一个数减去{b}，再乘以{a}，[得到|等于|得]{c}，[求原来的数|求这个数|原来的数是多少]？
* 某数减{b}的差[再|]乘{a}[等于|得]{c}，某数是多少？
* 我想了一个数，先减{b}，再乘{a}，结果是{c}，这个数是几？
* 从一个数里减去{b}，再扩大{a}倍，是{c}，求原数。
> 这个数是{x}。 / 原来的数是{x}。 / 是{x}。

@ 5 | {a}(x+{b})={c} | a=2..9 k=2..40 b=1..30 x=k-b c=a*k !x>0
en
= the number
* Add {b} to a number, then multiply by {a}: you get {c}. What is the number?
* If {b} is added to a number and the sum is multiplied by {a}, the result is {c}. Find the number.
* I add {b} to my number and multiply the sum by {a}. I get {c}. What is my number?
* A number plus {b}, all times {a}, makes {c}. Which number?
> The number is {x}. / It is {x}. / {x}.
zh
= 这个数
* 一个数加上{b}，再乘以{a}，[得到|等于|得]{c}，[求原来的数|求这个数|原来的数是多少]？
* 某数加{b}的和[再|]乘{a}[等于|得]{c}，某数是多少？
* 我想了一个数，先加{b}，再乘{a}，结果是{c}，这个数是几？
> 这个数是{x}。 / 原来的数是{x}。 / 是{x}。

@ 6 | x^2=x+{c} | x=3..30 c=x*x-x
en
= the number
* The square of a [positive |]number is {c} more than the number[ itself|]. [What is the number?|Find the number.]
* A positive number squared exceeds the number by {c}. Which number?
* If I square my number I get {c} more than the number. What is my positive number?
* The square of a positive number minus the number is {c}. What is it?
* Squaring a positive number makes it {c} larger. What is the number?
> The number is {x}. / It is {x}.
zh
= 这个数
* 一个正数的平方比[它|它本身|这个数]大{c}，[这个数是多少|求这个数]？
* 某正数的平方[比它多|等于它加]{c}，求这个正数。
* 一个正数平方后增加了{c}，这个正数是几？
* 一个正数的平方减去它自己等于{c}，求这个数。
> 这个数是{x}。 / 是{x}。

@ 4 | x^2+x={c} | x=2..30 c=x*x+x
en
= the number
* The sum of a positive number and its square is {c}. What is the number?
* A positive number plus its square makes {c}. Find it.
* If you add a positive number to its own square you get {c}. Which number is it?
> The number is {x}. / It is {x}.
zh
= 这个数
* 一个正数与它的平方的和是{c}，[这个数是多少|求这个数]？
* 一个正数的平方加上它本身等于{c}，这个正数是几？
* 某正数和它的平方加起来是{c}，求这个数。
> 这个数是{x}。 / 是{x}。

@ 8 | x(x+1)={t} | x=2..60 t=x*(x+1)
en
= the smaller number
. The product of two consecutive [positive integers|whole numbers|positive numbers] is {t}.
. Two consecutive positive integers [have a product of|multiply to|multiplied together give] {t}.
. Two [neighbouring|neighboring|adjacent] house numbers [multiply to|have the product] {t}.
. Two pages that follow each other have page numbers whose product is {t}.
. A positive integer times the next one [is|makes|equals] {t}.
? [What are they?|Find them.|Find the numbers.|Which numbers are they?|What are the two numbers?|Give both numbers.]
> They are {x} and {x1}. / The numbers are {x} and {x1}. / {x} and {x1}.
? [What is the smaller one?|Find the smaller number.|Find the smaller.]
> The smaller one is {x}. / {x}.
? [What is the larger one?|Find the larger one.]
> The larger one is {x1}. / {x1}.
* [Which|What] two consecutive positive integers [multiply to|have the product|have a product of] {t}?
* Find two consecutive positive integers whose product is {t}.
> They are {x} and {x1}. / {x} and {x1}.
* [The product of two consecutive positive integers is {t}.|Two consecutive positive integers multiply to {t}.] [With|From|Using] {e}, [what is the positive {v}|find the positive {v}|what is {v}]?
* Two consecutive positive integers have product {t}, [so|hence|i.e.] {e}. [Find the positive {v}.|What is {v} if it is positive?]
> {v} = {x}. / The positive value is {x}. / {x}.
zh
= 较小的数
. 两个连续[正整数|自然数|的正整数]的[积|乘积]是{t}，
. 两个相邻的[正整数|自然数]相乘[得|等于]{t}，
. 书上相邻两页的页码之积是{t}，
. 一个正整数与比它大1的数的乘积为{t}，
. 已知两个连续自然数的乘积等于{t}，
? [求这两个数|这两个数是多少|它们各是多少|这两个数分别是几|这两个数各是几]？
> 这两个数是{x}和{x1}。 / 分别是{x}和{x1}。
? [较小的数是多少|求较小的数|小的是几]？
> 较小的数是{x}。
? [较大的数是多少|大的是几]？
> 较大的数是{x1}。
* 哪两个连续[正整数|自然数]的[积|乘积]是{t}？
> {x}和{x1}。 / 是{x}和{x1}。
* 两个连续正整数的积是{t}，[列方程|可列方程|由方程|设小的为{v}，]{e}，[求正整数{v}|{v}的正整数值是多少|{v}是多少]
* 连续两个自然数之积为{t}，方程是{e}，求{v}。
> {v} = {x}。 / 正整数{v}是{x}。 / {v}是{x}。

@ 4 | x(x+2)={t} | x=2..40 t=x*(x+2)
en
= the smaller number
* Two positive numbers differ by 2 and their product is {t}. [What are they?|Find them.]
* Two positive numbers two apart multiply to {t}. What are the numbers?
> They are {x} and {x2}. / {x} and {x2}.
zh
= 较小的数
* 两个正数相差2，乘积是{t}，[这两个数是多少|求这两个数]？
* 一个正数与比它大2的数的积是{t}，求这两个数。
> 这两个数是{x}和{x2}。

@ 4 | x+(x+1)={t} | x=1..99 t=2*x+1
en
= the smaller number
* Two pages facing each other in a book have numbers that add up to {t}. What is the left page number?
* Two neighbouring houses have consecutive numbers with the sum {t}. What is the smaller number?
* The sum of an integer and the next one is {t}. Find the integer.
> It is {x}. / {x}.
zh
= 较小的数
* 一本书翻开，左右两页页码之和是{t}，左页是第几页？
* 一个整数与它后面那个数的和是{t}，求这个整数。
* 相邻两个自然数的和为{t}，较小的一个是多少？
> 是{x}。

@ 8 | x-{a}={b} | a=2..300 b=2..300 x=a+b @owned
en
= the number at first
. {n} gave {a} {p} away and has {b} left.
. {n} gave {a} {p} to {m} and [still has|now has|kept] {b}.
. After [giving away|selling|losing|using up] {a} {p}, {n} has {b} left.
. {a} {p} were [sold|taken out|used|lost|eaten by mice] and {b} [remain|are left|are still there].
. {n} lost {a} of his {p} and then had only {b}.
. There are {b} {p} left in the box after {m} took {a} out.
. Someone took {a} {p}, so {b} were left over.
? How many [were there|{p} were there] [at first|at the start|in the beginning|originally]?
? [What was the number|How many {p}] at the start?
> There were {x} {p}. / {x} {p} at first. / {x}.
zh
= 原来的数量
. {n}送出{a}{pc}{p}，还剩{b}{pc}，
. {n}给了{m}{a}{pc}{p}后，[自己|]还有{b}{pc}，
. [卖掉|用掉|丢了|拿走]{a}{pc}{p}后[还剩|剩下]{b}{pc}，
. 盒子里的{p}被{m}拿走{a}{pc}，剩{b}{pc}，
. {n}有一些{p}，用去{a}{pc}，还剩{b}{pc}，
? 原来有[多少|几]{pc}[{p}|]？
? [一开始|最初|原先]有多少{pc}？
> 原来有{x}{pc}。 / 原来有{x}{pc}{p}。

@ 6 | x+{a}={b} | a=2..300 x=2..300 b=x+a @owned
en
= the number at first
. {n} got {a} more {p} and now has {b}.
. [After|When] {m} gave {n} {a} {p}, {n} had {b}.
. {n} [bought|found|won|collected] {a} {p} and then had {b} in all.
. {a} {p} were added to a box and now it holds {b}.
? How many [were there|did {n} have|{p} were there] [at first|before|originally|to begin with]?
> {x} {p} at first. / {x}. / It was {x}.
zh
= 原来的数量
. {n}又[买了|得到|捡到]{a}{pc}{p}，现在[一共|]有{b}{pc}，
. {m}给了{n}{a}{pc}{p}，{n}现在有{b}{pc}，
. 箱子里放进{a}{pc}{p}后共有{b}{pc}，
? 原来有[多少|几]{pc}[{p}|]？
? [一开始|最初|原先]有多少{pc}？
> 原来有{x}{pc}。 / 原来有{x}{pc}{p}。

@ 4 | x-{a}+{b}={c} | a=2..60 b=2..60 x=61..200 c=x-a+b @owned
en
= the number at first
* {n} gave away {a} {p}, then [got|bought] {b} and now has {c}. How many were there at first?
* A bus set off full of people; {a} got off and {b} got on, and now there are {c}. How many were on it at first?
* From a box {a} {p} were taken and {b} put in; now it has {c}. How many were in it [at first|before]?
* {n} spent {a} and earned {b}, and has {c} now. How much was it before?
> {x} at first. / It was {x}. / {x}.
zh
= 原来的数量
* {n}送出{a}{pc}{p}，又买了{b}{pc}，现在有{c}{pc}，原来有多少{pc}？
* 车上有一些人，下去{a}人，又上来{b}人，现在有{c}人，原来有多少人？
* 仓库运出{a}吨，又运进{b}吨，现在有{c}吨，原来有多少吨？
> 原来有{x}。 / 是{x}。

@ 14 | {a}x+{b}y={t};{c}x+{d}y={u} | a=1..9 b=1..9 c=1..9 d=1..9 x=1..30 y=1..30 t=a*x+b*y u=c*x+d*y !a*d!=b*c @shop
en
= the price of a {p1} | the price of a {q1}
. {ap} and {bq} cost ${t}. {cp} and {dq} cost ${u}.
. {ap} and {bq} cost {t} dollars; {cp} and {dq} cost {u} dollars.
. {ap} and {bq} cost €{t}, {cp} and {dq} cost €{u}.
. {ap} plus {bq} [come to|add up to|is] {t}, while {cp} plus {dq} [come to|add up to|is] {u}.
. At a kiosk {n} pays {t} for {ap} and {bq}, and {m} pays {u} for {cp} and {dq}.
. For {ap} and {bq} I paid {t}[ dollars| euros| pounds|]. For {cp} and {dq} I paid {u}.
. {n} spent ${t} on {ap} and {bq}. {m} spent ${u} on {cp} and {dq}.
. [The bill for|An order of] {ap} and {bq} was {t}; [for|an order of] {cp} and {dq} it was {u}.
. A [customer|teacher|cook] buys {ap} and {bq} for {t} euros. Another buys {cp} and {dq} for {u} euros.
. On Monday we bought {ap} and {bq} for ${t}, on Tuesday {cp} and {dq} for ${u}.
. The price of {ap} and {bq} together is {t}, and of {cp} and {dq} together {u}.
. {ap} with {bq}: {t}. {cp} with {dq}: {u}.
? [Give me|Find|Tell me|Determine|Work out] the price of [a|one] {p1} and of [a|one] {q1}.
? Price of a {p1} and of a {q1}?
? [How much does each cost|What does one of each cost|How much is each|What are the two prices|What does each item cost]?
? [How much is|What is the price of|How much are] a {p1} and a {q1}?
> A {p1} costs {x} and a {q1} costs {y}. / A {p1} is {x}, a {q1} is {y}. / The {p1} costs {x}, the {q1} {y}.
? How much [is one {p1}|does one {p1} cost]?
? [What is|Find] the price of a {p1}.
> A {p1} costs {x}. / {x} for a {p1}.
? How much [is one {q1}|does one {q1} cost]?
? [What is|Find] the price of a {q1}.
> A {q1} costs {y}. / {y} for a {q1}.
zh
= 一{pc}{p}的价钱 | 一{qc}{q}的价钱
. {ap}和{bq}[共|一共|要|合计|总价]{t}元，{cp}和{dq}[共|一共|要|合计|总价]{u}元，
. 买{ap}和{bq}[要|需|花]{t}[元|块]，买{cp}和{dq}[要|需|花]{u}[元|块]，
. {n}买{ap}、{bq}，付了{t}元，{m}买{cp}、{dq}，付了{u}元，
. {ap}加{bq}是{t}元；{cp}加{dq}是{u}元。
. 文具店里，{ap}与{bq}共{t}元，{cp}与{dq}共{u}元，
. 第一次买了{ap}和{bq}，用去{t}元，第二次买了{cp}和{dq}，用去{u}元，
. 老师给班里买奖品，{ap}和{bq}共花{t}元，{cp}和{dq}共花{u}元，
. 已知{ap}和{bq}的总价是{t}元，{cp}和{dq}的总价是{u}元，
? [一{pc}{p}、一{qc}{q}各多少元|{p}和{q}的单价各是多少|每{pc}{p}和每{qc}{q}各多少钱|{p}和{q}分别多少钱]？
? 求[{p}和{q}|两种东西|它们]的单价。
? 单价各是多少？
> 一{pc}{p}{x}元，一{qc}{q}{y}元。 / {p}每{pc}{x}元，{q}每{qc}{y}元。
? [一|每]{pc}{p}[多少钱|多少元|几元]？
> 一{pc}{p}{x}元。
? [一|每]{qc}{q}[多少钱|多少元|几元]？
> 一{qc}{q}{y}元。

@ 7 | {a}x+{b}y={t};{c}x+{d}y={u} | a=1..8 b=1..8 c=1..8 d=1..8 x=2..300 y=2..300 t=a*x+b*y u=c*x+d*y !a*d!=b*c @shop
en
= the weight of a {p1} | the weight of a {q1}
. {ap} and {bq} weigh {t} [grams|g|kg] [together|in all|]. {cp} and {dq} weigh {u} [grams|g|kg].
. On the scales, {ap} and {bq} show {t} g, {cp} and {dq} show {u} g.
. The weight of {ap} and {bq} is {t} grams, that of {cp} and {dq} is {u} grams.
? [How heavy is each|What does each weigh|How much does each weigh]?
? [Find|What is] the weight of a {p1} and of a {q1}.
> A {p1} weighs {x} and a {q1} {y}. / A {p1}: {x}, a {q1}: {y}.
zh
= 一{pc}{p}的重量 | 一{qc}{q}的重量
. {ap}和{bq}[共重|一共重|重]{t}[克|千克]，{cp}和{dq}[共重|一共重|重]{u}[克|千克]，
. 称一称，{ap}和{bq}重{t}克，{cp}和{dq}重{u}克，
. {ap}与{bq}的总重量是{t}克，{cp}与{dq}的总重量是{u}克，
? [一{pc}{p}、一{qc}{q}各重多少克|{p}和{q}每{pc}各重多少|每{pc}{p}和每{qc}{q}各重多少]？
> 一{pc}{p}重{x}，一{qc}{q}重{y}。

@ 9 | x+y={s};{a}x+{b}y={t} | x=1..60 y=1..60 s=x+y t=a*x+b*y @wheels
en
= the number of {p} | the number of {q}
. [A car park has|There are|In a yard stand|A garage holds|A shop has] {s} {p} and {q} with {t} wheels [in total|altogether|in all].
. {s} vehicles, [only|all of them] {p} and {q}, have {t} wheels [together|in all].
. I count {t} wheels on {s} {p} and {q}.
. {p} and {q} in the lot: {s} vehicles, {t} wheels.
. A fleet of {p} and {q} has {s} vehicles and {t} wheels.
. On a parking lot I see {s} vehicles with {t} wheels. [They are|All are] {p} and {q}.
. A rental place keeps {p} and {q}, {s} of them; the mechanic counts {t} wheels.
? How many [{p} and how many {q} are there|{p} and {q} are there|of each are there|of each]?
> There are {x} {p} and {y} {q}. / {x} {p} and {y} {q}.
? How many {p} are there?
> There are {x} {p}.
? How many {q} are there?
> There are {y} {q}.
zh
= {p}的数量 | {q}的数量
. [停车场有|停车场里停着|车库里有|路边停着|车棚里有]{p}和{q}共{s}辆，[轮子一共|共有|一共有|数了数，轮子共]{t}个[轮子|]，
. {p}和{q}一共{s}辆，[一共|总共]{t}个轮子，
. 修车铺里{p}、{q}共{s}辆，轮子{t}个，
. 有{s}辆车，[不是{p}就是{q}|有{p}也有{q}|由{p}和{q}组成]，共{t}个[车轮|轮子]，
? {p}和{q}各[有多少|有几|多少|几]辆？
? [两种车|]各有几辆？
> {p}有{x}辆，{q}有{y}辆。 / {p}{x}辆，{q}{y}辆。
? {p}有[多少|几]辆？
> {p}有{x}辆。
? {q}有[多少|几]辆？
> {q}有{y}辆。

@ 7 | x+y={s};{a}x+{b}y={t} | x=1..50 y=1..50 s=x+y t=a*x+b*y @legs
en
= the number of {p} | the number of {q}
. [A farmer keeps|There are|A zoo has|A farm has|In a cage there are|A boy collected] {s} {p} and {q} with {t} legs [in total|altogether|in all].
. {p} and {q}: {s} heads and {t} legs.
. {p} and {q} together have {s} heads and {t} legs.
. [Counting|If you count] {p} and {q}, there are {s} animals and {t} legs.
. {n} counts {t} legs on {s} animals, all {p} or {q}.
? How many [{p} and how many {q} are there|{p} and {q} are there|of each are there|of each]?
> There are {x} {p} and {y} {q}. / {x} {p} and {y} {q}.
? How many {p} are there?
> There are {x} {p}.
? How many {q} are there?
> There are {y} {q}.
zh
= {p}的数量 | {q}的数量
. {p}和{q}[共|一共有]{s}只，[腿|脚|共有腿|一共有腿]{t}条，
. [笼子里有|农场养了|院子里有|动物园有]{p}和{q}共{s}只，[共有|一共有|数一数共]{t}条腿，
. {p}与{q}同笼，头{s}个，脚{t}只，
. 有{s}只动物，[是|都是]{p}和{q}，[一共|共]{t}条腿，
? {p}和{q}各[有多少|有几|多少|几]只？
> {p}有{x}只，{q}有{y}只。 / {p}{x}只，{q}{y}只。
? {p}有[多少|几]只？
> {p}有{x}只。
? {q}有[多少|几]只？
> {q}有{y}只。

@ 7 | x+y={s};{a}x+{b}y={t} | a=3..40 b=2..30 x=2..150 y=2..150 s=x+y t=a*x+b*y !a!=b @kinds
en
= the number of {p} | the number of {q}
. {p1} tickets are ${a}, {q1} tickets ${b}. We sold {s} tickets for ${t}.
. A ticket costs {a} for {p} and {b} for {q}. {s} people paid {t}[ in all|].
. {p} pay {a} and {q} pay {b}. {s} tickets [were sold|went] for {t}.
. The {p1} ticket is €{a}, the {q1} ticket €{b}. [The show|The fair|The match|The ferry] took in €{t} from {s} tickets.
. {s} tickets brought in {t}: {p} at {a}, {q} at {b}.
. Entry: {p} {a}, {q} {b}. {s} visitors paid {t} [altogether|in total].
. A concert sold {s} tickets and earned {t}. {p} paid {a} each and {q} {b} each.
? How many of each?
? How many {p} and how many {q}[ were there| came|]?
? How many tickets of each kind were sold?
> There were {x} {p} and {y} {q}. / {x} {p} and {y} {q}.
? How many {p} [were there|came]?
> There were {x} {p}.
? How many {q} [were there|came]?
> There were {y} {q}.
zh
= {p}票的张数 | {q}票的张数
. {p}票{a}元，{q}票{b}元，[共|一共]卖了{s}张，收入{t}元，
. {p}每人{a}元，{q}每人{b}元，{s}人共付{t}元，
. 演出票{p}{a}元一张，{q}{b}元一张，{s}张票卖了{t}元，
. 一共{s}人去游玩，门票花了{t}元，{p}票{a}元，{q}票{b}元，
. 渡船收费：{p}{a}元，{q}{b}元，今天{s}人乘船，收了{t}元，
? 两种票各卖了多少张？
? {p}和{q}各[多少人|有多少人]？
? {p}票和{q}票各多少张？
> {p}{x}，{q}{y}。 / {p}票{x}张，{q}票{y}张。
? {p}[有多少人|票有多少张]？
> {p}有{x}。
? {q}[有多少人|票有多少张]？
> {q}有{y}。

@ 7 | x+y={s};{a}x+{b}y={t} | a=1,2,5,10,20,50 b=1,2,5,10,20,50,100 x=1..60 y=1..60 s=x+y t=a*x+b*y !a!=b
en
= the number of {a}s | the number of {b}s
. {n} has {s} [notes|bills], some {a}s and some {b}s, worth {t}[ in all| altogether|].
. A till holds {s} notes of {a} and {b} [euros|dollars|pounds] with a value of {t}.
. {s} coins of {a} cents and {b} cents make {t} cents.
. A piggy bank has {s} coins, {a}-cent and {b}-cent ones, {t} cents in all.
. {n} paid {t} with {s} notes of {a} and {b}.
. A parking meter held {s} coins of {a}p and {b}p worth {t}p.
? How many [of each|of each kind|of each are there|are there of each]?
> {x} of {a} and {y} of {b}. / There are {x} of {a} and {y} of {b}.
? How many {a}s are there?
> There are {x} of {a}.
? How many {b}s are there?
> There are {y} of {b}.
zh
= {a}元的张数 | {b}元的张数
. {n}有{a}元和{b}元的[纸币|钞票]共{s}张，[总共|合计|一共]{t}元，
. 储蓄罐里有{a}分和{b}分的硬币{s}枚，共{t}分，
. 收银台里{a}元和{b}元的票子[共|一共]{s}张，价值{t}元，
. 用{a}元和{b}元的钱{s}张正好付了{t}元，
? [各有|两种各]多少[张|枚|]？
? {a}的和{b}的各多少？
> {a}的有{x}，{b}的有{y}。

@ 6 | 2(x+{a})={s} | a=2..60 x=2..60 s=2*(x+a)
en
= the other side
* The perimeter of a rectangle is {s} [cm|m]. Its length is {a} [cm|m]. [What is its width?|Find the width.|How wide is it?]
* A rectangle has perimeter {s} and one side is {a}. [What is the other side?|How long is the other side?|Find the other side.]
* A [garden|field|pool|room|picture frame] is {a} m long and its perimeter is {s} m. How wide is it?
* {s} m of fence goes around a rectangular [garden|yard|pen]. One side is {a} m. How long is the other?
* The width of a rectangle is {a} and the perimeter is {s}. [Find the length.|What is the length?]
* Rectangle, perimeter {s}, width {a}. Length?
* A wire of {s} cm is bent into a rectangle {a} cm long. How wide is it?
* Walking once around a rectangular [park|square|hall] is {s} m; one side measures {a} m. What is the other side?
* If a rectangle with a length of {a} has perimeter {s}, what is its width?
> It is {x}. / {x}. / The other side is {x}.
zh
= 另一边
* 长方形的周长是{s}[厘米|米]，长是{a}[厘米|米]，宽是多少[厘米|米]？
* 长方形周长{s}，长{a}，[求宽|宽是多少]
* 一个长方形的宽是{a}[米|厘米]，周长是{s}[米|厘米]，长是多少？
* 一块长方形[菜地|草坪|操场|花坛]周长{s}米，一边长{a}米，另一边长多少米？
* 用{s}厘米的铁丝围成一个长{a}厘米的长方形，宽是多少厘米？
* 长方形[花园|院子]长{a}米，绕一圈是{s}米，宽几米？
* {s}米长的篱笆围成长方形，其中一边{a}米，邻边多长？
* 已知长方形周长为{s}，长为{a}，则宽为多少？
> 是{x}。 / 另一边是{x}。

@ 5 | 2(x+y)={s};x=y+{d} | y=2..50 d=1..30 x=y+d s=2*(x+y)
en
= the length | the width
. A rectangle with perimeter {s} is {d} [cm |m |]longer than [it is wide|wide].
. The perimeter of a rectangle is {s}. [The length exceeds the width by {d}.|The length is {d} more than the width.|The width is {d} less than the length.]
. A [field|garden|hall|table top] is {d} m longer than it is wide, and its perimeter is {s} m.
. {s} m of fence encloses a rectangular [yard|plot] whose length is {d} m more than its width.
? [What are its sides?|Find the sides.|How long and wide is it?|Find length and width.]
> The length is {x} and the width {y}. / {x} by {y}.
? [How wide is it?|Find the width.]
> The width is {y}.
? [How long is it?|Find the length.]
> The length is {x}.
zh
= 长 | 宽
. 长方形周长{s}[厘米|米|]，长比宽[多|长]{d}[厘米|米|]，
. 一块长方形[地|草坪|菜园]，周长是{s}米，宽比长少{d}米，
. 用{s}厘米铁丝围成长方形，长比宽多{d}厘米，
? [长和宽各是多少|求长和宽|长、宽分别是多少]？
> 长是{x}，宽是{y}。
? [宽是多少|求宽]？
> 宽是{y}。
? [长是多少|求长]？
> 长是{x}。

@ 7 | x(x+{d})={t} | x=2..40 d=1..20 t=x*(x+d)
en
= the width
* A rectangle is {d} m longer than [it is wide|its width] and has area {t} m². [How wide is it?|Find the width.|What is the width?]
* The length of a [garden|room|field|carpet] is {d} more than its width. Its area is {t}. [What is the width?|How wide is it?]
* A rectangle has area {t}; one side is {d} longer than the other. [Find the shorter side.|How long is the shorter side?]
* A [plot|pool|poster] covers {t} square meters and is {d} m longer than wide. What is its width?
> It is {x}. / The width is {x}. / {x}.
* A rectangle is {d} m longer than it is wide and has area {t} m². [With|Using|From|Given] {e}, [what is the positive {v}|what is {v}|find the positive {v}]?
* The [area of a|area of the] rectangle leads to {e}. [What is the positive solution?|Which {v} is positive?|Find {v} > 0.]
* A [garden|room|screen] of area {t} is {d} longer than wide, which gives {e}. Find the positive {v}.
* With {e}, what is the positive {v}?
* We know {e} and {v} is a length. [What is {v}?|Find {v}.]
* If {e} and {v} > 0, what is {v}?
* For which positive {v} is {e}?
> {v} = {x}. / The positive {v} is {x}. / {x}.
zh
= 宽
* 长方形的长比宽多{d}[米|厘米|]，面积是{t}[平方米|平方厘米|]，[宽是多少|求宽|宽是几]？
* 一块[地|草坪|菜地]长比宽多{d}米，面积{t}平方米，宽多少米？
* 长方形面积{t}，一边比另一边长{d}，短边是多少？
> 宽是{x}。 / 是{x}。
* 长方形的长比宽多{d}，面积是{t}，[列方程|得方程|由]{e}，[求正数{v}|{v}的正值是多少|求{v}（取正）]
* 设宽为{v}，[则|有]{e}，求{v}的正数解
* 由面积[得到|得]{e}，{v}是正数，{v}等于多少？
* 已知{e}且{v}>0，求{v}
* {e}，正根是多少？
> {v} = {x}。 / 正数解是{x}。 / {v}是{x}。
"""
